/** A network audit for Node.js servers: where data goes, which package sent it, and a record that proves it. */
export {};
