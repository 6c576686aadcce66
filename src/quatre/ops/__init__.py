"""The arithmetic: about a dozen operations (``interface.py``) and the back ends that compute them."""
