// Calls of the API. The cookie says who asks; whatever changes something shows the session's token besides.

const BASE = new URL("../v1/", import.meta.url);
let csrfToken = null;
let over = () => {};

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code;
  }
}

async function call(method, path, headers = {}) {
  const response = await fetch(new URL(path, BASE), { method, headers, cache: "no-store" });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

// What a 401 means anywhere but at the sign-in.
async function signedIn(method, path, headers) {
  try {
    return await call(method, path, headers);
  } catch (error) {
    if (error.status === 401) over();
    throw error;
  }
}

export const onSessionOver = (act) => (over = act);
export const get = (path) => signedIn("GET", path);
export const remove = (path) => signedIn("DELETE", path, { "X-CSRF-Token": csrfToken });

function begun(session) {
  csrfToken = session.csrfToken;
  return session;
}

export const resume = async () => begun(await call("GET", "session"));
export const signIn = async (key) => begun(await call("POST", "session", { Authorization: `Bearer ${key}` }));

// Where it is over already, that is what was wanted.
export async function signOut() {
  await call("DELETE", "session", { "X-CSRF-Token": csrfToken }).catch(() => null);
  csrfToken = null;
}
