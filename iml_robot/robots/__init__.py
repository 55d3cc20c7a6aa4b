"""Robots are reached through Gymnasium ids only; here they are made by id."""
