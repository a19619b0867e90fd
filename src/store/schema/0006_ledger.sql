-- The ledger in the order of writing. Its key was (budget_id, number): the debits that share a commit are of many budgets, and each
-- dirtied an index page of its own. Now rows follow each other, and each names the one before it of the same budget. Every 64th of a
-- budget is in a small index, so that a page far back is found without walking there from the newest.
CREATE TABLE ledger (
    id           TEXT   PRIMARY KEY,           -- btx_, which begins with the time
    budget_id    TEXT   NOT NULL,
    number       BIGINT NOT NULL,              -- 1, 2, 3 … within the budget
    previous_id  TEXT,                         -- number - 1 of the same budget; NULL for its first
    amount       BIGINT NOT NULL,
    description  TEXT,
    metadata     TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
) /* clustered */;

INSERT INTO ledger (id, budget_id, number, previous_id, amount, description, metadata, created_at)
    SELECT t.id, t.budget_id, t.number, p.id, t.amount, t.description, t.metadata, t.created_at
    FROM budget_transactions t LEFT JOIN budget_transactions p ON p.budget_id = t.budget_id AND p.number = t.number - 1;

-- The budget's newest transaction, and the one before it.
ALTER TABLE budgets ADD COLUMN last_transaction TEXT;
ALTER TABLE budgets ADD COLUMN last_but_one TEXT;
UPDATE budgets SET
    last_transaction = (SELECT id FROM budget_transactions t WHERE t.budget_id = budgets.id AND t.number = budgets.debits),
    last_but_one = (SELECT id FROM budget_transactions t WHERE t.budget_id = budgets.id AND t.number = budgets.debits - 1);

DROP TABLE budget_transactions;
ALTER TABLE ledger RENAME TO budget_transactions;
CREATE INDEX budget_transactions_signposts ON budget_transactions (budget_id, number) WHERE number % 64 = 0;
