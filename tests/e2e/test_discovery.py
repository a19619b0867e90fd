"""What anybody may read about a server: its key, and who it is."""

import pytest


def test_the_did_document_names_the_server_its_key_and_two_services(server):
    stranger = server.anonymous()
    (key,) = stranger.get("/.well-known/jwks.json").expect(200)["keys"]
    assert key["kty"] == "RSA" and key["alg"] == "RS256"
    did = f"did:web:127.0.0.1%3A{server.port}"
    document = stranger.get("/.well-known/did.json").expect(200)
    assert document["id"] == did and document["assertionMethod"] == [f"{did}#{key['kid']}"]
    assert document["verificationMethod"] == [
        {"id": f"{did}#{key['kid']}", "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": key}
    ]
    assert {service["id"]: service["serviceEndpoint"] for service in document["service"]} == {
        f"{did}#jwks": f"{server.url}/.well-known/jwks.json", f"{did}#grant-protocol": f"{server.url}/v1",
    }


@pytest.mark.parametrize(
    "url, did",
    [("https://auth.example.com", "did:web:auth.example.com"), ("https://example.com:8443/a/b", "did:web:example.com%3A8443:a:b")],
)
def test_the_did_is_made_of_the_public_url(start, url, did):
    document = start("--public-url", url).anonymous().get("/.well-known/did.json").expect(200)
    assert document["id"] == did
    assert document["service"][0]["serviceEndpoint"] == f"{url}/.well-known/jwks.json"
