"""What the scenarios share: a real grantexd, a thin client, a reader of the stream, the steps of a grant's life."""
