"""The index in OpenSearch: Serverless, a domain or a node, of which only what all three can do is used.

OpenSearch Serverless makes its own document ids and has neither upsert nor delete-by-query nor refresh:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-genref.html. So a chunk's id is a field,
what is to be deleted is searched for first, and a writer waits until what it has written can be found.
"""
