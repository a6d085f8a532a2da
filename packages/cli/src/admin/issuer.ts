import { createHash, randomBytes } from 'node:crypto';
import { issuerKeyPath, removeIssuerKey, requireLedger, writeIssuerKey } from '@outwitness/collector';
import { printJson, say } from '../output.ts';
import { request } from '../request.ts';
import { usageError } from '../usage-error.ts';
import { roleNamed } from './role.ts';
import { expectOperands, type Task } from './task.ts';

export const issuer: Task = {
  options: ['role', 'settings', 'off'],
  async run({ dir, options, operands, version }) {
    expectOperands('issuer', operands, 1, 1);
    const [name = ''] = operands;
    const off = options.flag('off');
    if (off && (options.string('role') !== undefined || options.flag('settings')))
      throw usageError('admin issuer: expected --off alone, or --role');
    if (!/^[a-z][a-z0-9-]{0,15}$/.test(name))
      throw usageError(
        `admin issuer: expected a name of 1 to 16 small letters, digits and -, a letter first, got ${JSON.stringify(name)}`,
      );
    const role = off ? 'viewer' : roleNamed(options.string('role'));
    if (role === 'admin')
      throw usageError('admin issuer: expected viewer, operator or officer: an admin signs in by a link of his own');
    requireLedger(dir);
    const settings = options.flag('settings');
    const secret = off ? '' : randomBytes(32).toString('base64url');
    const digest = off ? '' : createHash('sha256').update(secret).digest('hex');
    await request(dir, options, { do: 'issuer', name, token: digest, role, settings, actor: 'cli' }, version);
    // The grant first: a secret that is good for nothing harms nobody.
    if (off) removeIssuerKey(dir, name);
    else writeIssuerKey(dir, name, secret);
    const file = issuerKeyPath(dir, name);
    if (options.json)
      return printJson({ schemaVersion: 1, issuer: name, role: off ? null : role, settings, file: off ? null : file });
    say(
      off
        ? `outwitness: ${name} signs nobody in any more, and who came by it is signed out`
        : `outwitness: ${name} may sign its users in as ${role} or less${settings ? ' and change settings' : ''}; its secret is in ${file}`,
    );
  },
};
