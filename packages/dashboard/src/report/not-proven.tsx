import type { ReactNode } from 'react';

/** What a reader must not believe because of this page. */
export function NotProven({ notChecked }: { readonly notChecked: readonly string[] }): ReactNode {
  return (
    <section className="panel not-proven" aria-labelledby="not-proven">
      <header className="panel-head">
        <h2 id="not-proven">Not proven</h2>
      </header>
      <p className="panel-note">A report that hides its limits is worth little. These are the limits of this one:</p>
      <ul>
        {notChecked.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </section>
  );
}
