/**
 * Programs whose purpose is the network. Their names may stand in a record wherever they are met, since a word of this list says nothing of anybody.
 */
const NETWORK_PROGRAMS: ReadonlySet<string> = new Set(
  (
    'curl wget aria2c http https xh nc ncat netcat socat telnet ssh scp sftp rsync ftp lftp tftp openssl dig ' +
    'nslookup host ping sendmail mail mailx rclone aws gsutil gcloud az git svn powershell pwsh certutil ' +
    'bitsadmin chromium chrome google-chrome firefox lynx w3m links busybox'
  ).split(' '),
);

/** The listed program of a file name, as it is listed: `CURL.EXE` → `curl`. */
export function networkProgram(name: string): string | undefined {
  const plain = name.toLowerCase().replace(/\.(?:exe|cmd|bat)$/, '');
  return NETWORK_PROGRAMS.has(plain) ? plain : undefined;
}

/** The listed programs in the path of a `process` row: one name, or several of a command line joined by `+`. */
export function networkProgramsIn(path: string): string[] {
  return path.split('+').flatMap((name) => networkProgram(name) ?? []);
}
