"""Socket.IO without a server: packets, the connections of people, and pushing events to them."""
