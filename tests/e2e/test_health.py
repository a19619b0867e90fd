"""What a supervisor asks: whether the process lives, and whether it can do its work."""

import pytest

from support import metrics, store

WELL = {"status": "healthy", "database": "ok", "writes": "ok"}
ILL = {"status": "degraded", "database": "error"}


@pytest.mark.parametrize("path, answer", [("/livez", {"status": "healthy"}), ("/readyz", WELL), ("/health", WELL)])
def test_a_server_that_is_well_says_so_to_anybody(server, path, answer):
    assert server.anonymous().get(path).expect(200) == answer


def test_a_server_without_its_store_is_alive_and_not_ready_until_it_is_back(server):
    supervisor = server.anonymous()
    store.change(server.database, "ALTER TABLE developers RENAME TO lost")
    for path in ("/readyz", "/health"):
        answer = supervisor.get(path)
        assert (answer.status, answer.json, answer.headers["retry-after"]) == (503, ILL, "1")
    assert supervisor.get("/livez").expect(200) == {"status": "healthy"}
    assert metrics.scrape(supervisor)["grantex_store_up"] == 0
    store.change(server.database, "ALTER TABLE lost RENAME TO developers")
    assert supervisor.get("/readyz").expect(200) == WELL
