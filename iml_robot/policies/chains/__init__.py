"""Policies that weigh chains of arcs by named terms: what their kinds share."""
