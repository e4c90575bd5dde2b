"""CloudFront's stand-in: one address for the web app, the API, the socket and presigned objects."""
