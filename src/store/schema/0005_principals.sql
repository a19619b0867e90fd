-- A principal asks what they have allowed: newest first, among all the grants of a developer.
CREATE INDEX grants_of_principal ON grants (developer_id, principal_id, issued_at);
