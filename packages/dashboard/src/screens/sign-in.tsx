import type { SessionJson } from '@outwitness/server';
import { type FormEvent, type ReactNode, useState } from 'react';

import { signIn } from '../api/client.ts';
import { asRequestError } from '../api/resource.ts';
import { Mark } from '../ui/icons.tsx';

interface Props {
  readonly why: string | undefined;
  readonly onSession: (session: SessionJson) => void;
}

/** A pasted link is as good as the token in it. */
function tokenIn(text: string): string {
  return /#token=([\w-]+)/.exec(text)?.[1] ?? text.trim();
}

export function SignIn({ why, onSession }: Props): ReactNode {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(why);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    signIn(tokenIn(text))
      .then(onSession)
      .catch((error: unknown) => setProblem(asRequestError(error).message))
      .finally(() => setBusy(false));
  };

  return (
    <main className="sign-in">
      <title>Sign in · Outwitness</title>
      <Mark />
      <h1>Outwitness</h1>
      <p className="sign-in-lead">Where does the data of this server go, who sent it, and can it be proven?</p>
      <form onSubmit={submit}>
        <label htmlFor="token">Sign-in link or token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          aria-describedby="token-help"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <p id="token-help" className="hint">
          Outwitness printed a link when it started. It works once; each sign-in is a row of the record.
        </p>
        <p className="problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="primary" disabled={busy || text.trim() === ''}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
