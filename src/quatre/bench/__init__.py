"""How fast it is: load on a server over HTTP, and the same work without a server. No part of serving."""
