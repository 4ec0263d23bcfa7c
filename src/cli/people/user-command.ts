import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type Command, Option } from 'commander';
import { hashPassword, MINIMUM_PASSWORD_LENGTH } from '../../credentials/password.ts';
import { hashSecret, newSecret } from '../../credentials/secret.ts';
import { addApiToken, listApiTokens, revokeApiToken } from '../../db/access/api-token.ts';
import { addEnterLink } from '../../db/access/session.ts';
import { addUser, disableUser, listUsers, ROLES, type Role } from '../../db/access/user.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

const NAME = /^[a-z0-9][a-z0-9._@-]{0,62}$/;
/** Names that the audit uses for others. */
const RESERVED: readonly string[] = ['local', 'dxaflow'];

const LINK_SECONDS = 3600;

const usage = (code: string, message: string) => new DxaflowError(code, message, { exitCode: EXIT.usage });

function checkName(name: string): string {
  if (NAME.test(name) && !RESERVED.includes(name)) return name;
  throw usage(
    'NAME_INVALID',
    'A name is 1 to 63 of a-z, 0-9, ".", "_", "@", "-", begins with a letter or digit, and is not "local" or "dxaflow".',
  );
}

/** Asks without showing what is typed; reads the first line where there is no terminal. */
async function readPassword(): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (stdin.isTTY) stdout.write('Password: ');
  const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
    if (stdin.isTTY) stdout.write('\n');
  }
}

const roleOption = () =>
  new Option(
    '--role <role>',
    'viewer: read only; reviewer: decides cases; administrator: also manages and sees the access log',
  )
    .choices(ROLES)
    .default('viewer');
const day = (moment: Date | null) => moment?.toISOString().slice(0, 10) ?? '';

export function addUserCommand(program: Command): void {
  const user = program.command('user').description('users of the web pages');
  user
    .command('add')
    .description(
      `add a user; the password (${MINIMUM_PASSWORD_LENGTH} characters or more) is asked for, or read from standard input`,
    )
    .argument('<name>')
    .addOption(roleOption())
    .addHelpText('after', '\nExample:\n  $ dxaflow user add k.meier --role reviewer')
    .action(async (name: string, { role }: { readonly role: Role }) => {
      checkName(name);
      const password = await readPassword();
      if ([...password].length < MINIMUM_PASSWORD_LENGTH)
        throw usage(
          'PASSWORD_SHORT',
          `A password has at least ${MINIMUM_PASSWORD_LENGTH} characters. Nothing was written.`,
        );
      const passwordHash = await hashPassword(password);
      if (!(await withRuntime(({ pool }) => addUser(pool, { name, role, passwordHash }))))
        throw usage('NAME_TAKEN', `There is a user ${name}, or there was one: names are not reused.`);
      console.log(`${name} may sign in as ${role}.`);
    });
  user
    .command('list')
    .description('list all users, including disabled ones')
    .action(async () => {
      const users = await withRuntime(({ pool }) => listUsers(pool));
      console.log(
        renderTable(
          ['name', 'role', 'since', 'disabled'],
          users.map((one) => [one.name, one.role, day(one.createdAt), day(one.disabledAt)]),
        ),
      );
    });
  user
    .command('disable')
    .description('disable a user immediately; past actions stay on record')
    .argument('<name>')
    .action(async (name: string) => {
      if (!(await withRuntime(({ pool }) => disableUser(pool, name))))
        throw usage('USER_UNKNOWN', `There is no active user ${name}.`);
      console.log(`${name} is disabled and signed out.`);
    });
  addLinkCommand(user);
}

/** Adds the link command: a second browser, or a second day, on a machine of one person. */
function addLinkCommand(user: Command): void {
  user
    .command('link')
    .description('print a new one-time sign-in link; only with the embedded database')
    .action(async () => {
      const secret = newSecret();
      const { httpHost, httpPort } = await withRuntime(async ({ pool, config }) => {
        if (config.databaseUrl !== undefined)
          throw usage('NOT_SINGLE_USER', 'With DATABASE_URL people sign in with a password. See: dxaflow user add');
        await addEnterLink(pool, hashSecret(secret), LINK_SECONDS);
        return config;
      });
      console.log(`http://${httpHost.includes(':') ? `[${httpHost}]` : httpHost}:${httpPort}/enter/${secret}`);
    });
}

export function addTokenCommand(program: Command): void {
  const token = program.command('token').description('API tokens for programs');
  token
    .command('create')
    .description('create a token and print it once: only its hash is stored')
    .argument('<name>', 'the program that uses it')
    .addOption(roleOption())
    .option('--days <n>', 'validity in days; without it, until revoked', wholeNumber(1, 3650))
    .addHelpText('after', '\nExample:\n  $ dxaflow token create ris-bridge --role viewer --days 365')
    .action(async (name: string, { role, days }: { readonly role: Role; readonly days?: number }) => {
      checkName(name);
      const secret = newSecret();
      const lifetimeDays = days ?? null;
      const added = await withRuntime(({ pool }) =>
        addApiToken(pool, { name, role, tokenHash: hashSecret(secret), lifetimeDays }),
      );
      if (!added) throw usage('NAME_TAKEN', `A token ${name} is in force. Revoke it first, or choose another name.`);
      console.log(secret);
    });
  token
    .command('list')
    .description('list tokens without their secrets')
    .action(async () => {
      const tokens = await withRuntime(({ pool }) => listApiTokens(pool));
      const rows = tokens.map((one) => [
        one.name,
        one.role,
        day(one.createdAt),
        day(one.expiresAt),
        day(one.lastUsedAt),
        day(one.revokedAt),
      ]);
      console.log(renderTable(['name', 'role', 'since', 'until', 'last used', 'revoked'], rows));
    });
  token
    .command('revoke')
    .description('revoke a token immediately')
    .argument('<name>')
    .action(async (name: string) => {
      if (!(await withRuntime(({ pool }) => revokeApiToken(pool, name))))
        throw usage('TOKEN_UNKNOWN', `No token ${name} is in force.`);
      console.log(`${name} is revoked.`);
    });
}
