"""Section 6: what stands in the tokens. Shapes as in endpoints.py."""

HEADER = {"alg": "=RS256", "kid": "text", "typ": "=JWT"}  # typ: not in the reference, in its specification

CLAIMS = {
    "iss": "url", "sub": "text", "agt": "did", "dev": "dev_", "scp": ["text"], "jti": "tok_", "grnt": "grnt_", "iat": "whole", "exp": "whole",
}
DELEGATED = {"parentAgt": "did", "parentGrnt": "grnt_", "delegationDepth": "whole"}

# How the token is come by: its claims.
GRANT_TOKENS = {
    "exchange": CLAIMS,
    "exchange, audience asked for": {**CLAIMS, "aud": "=https://api.example"},
    "exchange, funded": CLAIMS,  # never in the first token
    "refresh": CLAIMS,
    "refresh, funded": {**CLAIMS, "bdg": "number"},
    "delegation": {**CLAIMS, **DELEGATED},
    "delegation, refreshed": {**CLAIMS, **DELEGATED},
}

SESSION = {"iss": "url", "sub": "text", "dev": "dev_", "purpose": "=principal_dashboard", "iat": "whole", "exp": "whole"}
