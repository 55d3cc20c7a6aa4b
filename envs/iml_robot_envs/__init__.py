"""Simulated rovers and drones as Gymnasium environments; importing registers them."""
