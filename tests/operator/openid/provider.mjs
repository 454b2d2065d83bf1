// A provider of OpenID Connect with the claims and lifetimes of Pro Santé Connect, on the loopback.
//
//     node provider.mjs SETTINGS.json NODE_MODULES
//
// SETTINGS.json: {"people":[{"login","subject","given_name","family_name","mailbox"}], "relay_secret", "dovecot_secret",
// "access_seconds", "refresh_seconds"}. One line {"port":N} on standard output says that it listens.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [settingsFile, modules] = process.argv.slice(2);
const settings = JSON.parse(readFileSync(settingsFile, 'utf8'));
const { default: Provider, interactionPolicy } = await import(pathToFileURL(path.join(modules, 'oidc-provider/lib/index.js')));

const person = (login) => settings.people.find((p) => p.login === login);
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

/** Claims as Pro Santé Connect gives them: the national identifier is SubjectNameID, `sub` is technical. */
function claims(p) {
  return {
    sub: `f:technique:${p.login}`,
    SubjectNameID: p.subject,
    preferred_username: p.subject,
    given_name: p.given_name,
    family_name: p.family_name,
    authMode: 'CARD',
    otherIds: [{ identifiant: p.subject, origine: 'RPPS', qualite: 1 }],
  };
}

const native = {
  application_type: 'native',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/retour'],
  post_logout_redirect_uris: [],
};

function configuration() {
  return {
    clients: [
      { client_id: 'estafette', token_endpoint_auth_method: 'none', ...native },
      { client_id: 'estafette-relais', client_secret: settings.relay_secret, ...native },
      {
        client_id: 'dovecot',
        client_secret: settings.dovecot_secret,
        redirect_uris: [],
        grant_types: [],
        response_types: [],
      },
    ],
    jwks: { keys: [{ ...key, kid: 'courante', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    acrValues: ['eidas1'],
    scopes: ['openid', 'scope_all'],
    claims: {
      openid: ['sub'],
      scope_all: Object.keys(claims(settings.people[0])).filter((name) => name !== 'sub'),
    },
    // Pro Santé Connect puts what identifies the person into the id_token too
    conformIdTokenClaims: false,
    pkce: { required: () => true, methods: ['S256'] },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: settings.access_seconds ?? 120,
      RefreshToken: settings.refresh_seconds ?? 1800,
      AuthorizationCode: 60,
      IdToken: 120,
      Interaction: 600,
      Session: 4 * 3600,
      Grant: 4 * 3600,
    },
    // as long as a signed token of Pro Santé Connect: too long for a line of many mail servers
    formats: { bitsOfOpaqueRandomness: (_, token) => (token.kind === 'AccessToken' ? 12_000 : 256) },
    extraTokenClaims: (_, token) => ({ mailbox: person(token.accountId).mailbox }),
    findAccount: (_, login) => person(login) && { accountId: login, claims: () => claims(person(login)) },
    interactions: { policy: policy(), url: (_, interaction) => `/connexion/${interaction.uid}` },
    loadExistingGrant: grant,
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    renderError: (ctx, out) => {
      ctx.type = 'text';
      ctx.body = `${out.error}: ${out.error_description ?? ''}\n`;
    },
  };
}

/** Nobody is asked for consent: these are clients of the house. */
async function grant(ctx) {
  const grantId = ctx.oidc.result?.consent?.grantId ?? ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId);
  if (grantId) return ctx.oidc.provider.Grant.find(grantId);
  const made = new ctx.oidc.provider.Grant({
    clientId: ctx.oidc.client.clientId,
    accountId: ctx.oidc.session.accountId,
  });
  made.addOIDCScope('openid scope_all');
  await made.save();
  return made;
}

function policy() {
  const prompts = interactionPolicy.base();
  prompts.get('consent').checks.remove('native_client_prompt');
  return prompts;
}

function page(uid) {
  const choice = (p) =>
    `<p><button name="login" value="${p.login}">${p.given_name} ${p.family_name} (${p.subject})</button></p>`;
  return `<!doctype html><html lang="fr"><meta charset="utf-8"><title>Pro Santé Connect (essai)</title>
<h1>Pro Santé Connect (essai)</h1><form method="post" action="/connexion/${uid}">${settings.people.map(choice).join('')}
<p><button name="login" value="">Abandonner</button></p></form></html>`;
}

async function body(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > 10_000) throw new Error('too large');
  }
  return new URLSearchParams(text);
}

/** The page on which a person says who they are; their card and PIN are left out. */
async function interaction(provider, request, response) {
  const uid = request.url.split('/').pop();
  if (request.method !== 'POST') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    return response.end(page(uid));
  }
  const chosen = person((await body(request)).get('login'));
  const result = chosen
    ? { login: { accountId: chosen.login, acr: 'eidas1', amr: ['pop'] } }
    : { error: 'access_denied', error_description: 'abandon' };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, configuration());
  // a native client returns to a port and a path it chooses anew each time (RFC 8252, 7.3)
  const native = (uri) => /^http:\/\/127\.0\.0\.1:\d+\/[\w-]+$/.test(uri);
  provider.Client.prototype.redirectUriAllowed = native;
  provider.Client.prototype.postLogoutRedirectUriAllowed = native;
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/connexion/')) return answer(request, response);
    return interaction(provider, request, response).catch((error) => {
      response.statusCode = 400;
      response.end(`${error.message}\n`);
    });
  });
  console.log(JSON.stringify({ port }));
});
