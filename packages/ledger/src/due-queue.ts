/** Keys ordered by the time at which they fall due (binary heap). A key that is no longer wanted stays until its time, or until {@link DueQueue.keep}: the taker checks. */
export class DueQueue {
  #heap: { at: number; key: string }[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Forgets all keys but those that are wanted: a writer whose clock is years ahead must not fill the memory. */
  keep(wanted: (key: string) => boolean): void {
    const kept = this.#heap.filter(({ key }) => wanted(key));
    // A sorted list is a heap.
    this.#heap = kept.toSorted((a, b) => a.at - b.at);
  }

  add(at: number, key: string): void {
    const heap = this.#heap;
    let i = heap.length;
    while (i > 0) {
      const above = (i - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.at <= at) break;
      heap[i] = parent;
      i = above;
    }
    heap[i] = { at, key };
  }

  /** Takes out every key due at `now`, earliest first; keys of the same time in their own order, so that a restart changes nothing. */
  take(now: number): string[] {
    const due: { at: number; key: string }[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      due.push(first);
      this.#removeFirst();
    }
    return due.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1)).map(({ key }) => key);
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let below = 2 * i + 1;
      const left = heap[below];
      const right = heap[below + 1];
      if (left === undefined) break;
      if (right !== undefined && right.at < left.at) below++;
      const child = heap[below];
      if (child === undefined || child.at >= last.at) break;
      heap[i] = child;
      i = below;
    }
    heap[i] = last;
  }
}
