/** Which calls the agent makes for itself, so that they are neither taken for the application's nor given an agent of their own. */
export class OwnCalls {
  #depth = 0;

  /** Is the code that runs now inside of {@link make}? */
  get underWay(): boolean {
    return this.#depth > 0;
  }

  make(run: () => void): void {
    this.#depth++;
    try {
      run();
    } finally {
      this.#depth--;
    }
  }
}
