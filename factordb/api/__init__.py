"""The REST API: released factors over HTTP, PACT v3, words in Chinese and English. Read-only unless told otherwise."""

from factordb.api.application import make_api
from factordb.api.describing import describe_api
from factordb.api.serving import add_api_client, api_clients, revoke_api_client, serve_api

__all__ = ["add_api_client", "api_clients", "describe_api", "make_api", "revoke_api_client", "serve_api"]
