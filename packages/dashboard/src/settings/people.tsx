import type { PeopleJson, SessionJson, UserJson } from '@outwitness/server';
import { type ReactNode, useEffect, useState } from 'react';

import { endSession, setRole } from '../api/client.ts';
import { asRequestError } from '../api/resource.ts';
import { timeLeft } from '../format.ts';
import { Time } from '../ui/figure.tsx';

interface Props {
  readonly people: PeopleJson;
  readonly session: SessionJson;
  readonly onChanged: () => void;
  readonly onSignedOut: () => void;
}

/** Who has which role, which appointments are on their way, and who is signed in. */
export function People({ people, session, onChanged, onSignedOut }: Props): ReactNode {
  const [problem, setProblem] = useState<{ readonly at: string; readonly text: string }>();
  const mayChange = session.role === 'admin';
  const change = async (at: string, done: Promise<unknown>): Promise<void> => {
    setProblem(undefined);
    try {
      await done;
      onChanged();
    } catch (error) {
      const asked = asRequestError(error);
      if (asked.code === 'signed-out') onSignedOut();
      setProblem({ at, text: asked.message });
    }
  };
  const said = (at: string): ReactNode =>
    problem?.at === at && (
      <p className="problem" role="alert">
        {problem.text}
      </p>
    );
  return (
    <section className="panel" aria-labelledby="people">
      <header className="panel-head">
        <h2 id="people">People</h2>
      </header>
      <p className="panel-note">
        Nobody becomes an officer at once: an appointment takes effect 24 hours later, in everybody’s sight. Users are
        made with <code>outwitness admin role NAME ROLE</code>.
      </p>
      {people.users.length === 0 ? (
        <p className="quiet">Nobody has a name here yet: who signs in holds a link.</p>
      ) : (
        <ul className="people">
          {people.users.map((user) => (
            <li key={user.name} data-user={user.name}>
              <span className="person">
                <strong>{user.name}</strong> {user.role}
                <span className="under">
                  since <Time at={user.since} />
                </span>
              </span>
              {user.next !== null && <Appointment user={user} next={user.next} mayChange={mayChange} change={change} />}
              {said(user.name)}
            </li>
          ))}
        </ul>
      )}
      {people.sessions.length > 0 && (
        <>
          <h3>Signed in</h3>
          <ul className="people">
            {people.sessions.map(({ id, user, role, from, since }) => (
              <li key={id} data-session={id}>
                <span className="person">
                  <strong>{user ?? 'Nobody by name'}</strong> {role}
                  <span className="under">
                    from {from} since <Time at={since} />
                  </span>
                </span>
                {mayChange && (
                  <button type="button" className="tool" onClick={() => void change(id, endSession(id))}>
                    End this session
                    <span className="unseen"> of {user ?? `whoever is at ${from}`}</span>
                  </button>
                )}
                {said(id)}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

interface AppointmentProps {
  readonly user: UserJson;
  readonly next: NonNullable<UserJson['next']>;
  readonly mayChange: boolean;
  readonly change: (at: string, done: Promise<unknown>) => Promise<void>;
}

function Appointment({ user, next, mayChange, change }: AppointmentProps): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="appointment">
      <span>
        becomes <strong>{next.role}</strong> in{' '}
        <time dateTime={next.at} title={next.at} className="number">
          {timeLeft(Date.parse(next.at), now)}
        </time>
      </span>
      {mayChange && (
        <button type="button" className="tool" onClick={() => void change(user.name, setRole(user.name, user.role))}>
          Withdraw<span className="unseen"> the appointment of {user.name}</span>
        </button>
      )}
    </span>
  );
}
