"""The equations. One file per family: configuration, tensor table, forward."""
