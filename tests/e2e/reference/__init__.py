"""What existing clients were told, as tables: endpoints.py has the calls, tokens.py the claims, headers.py the headers."""
