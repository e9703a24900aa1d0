// oidc-provider of npm, unmodified, as the provider of a trial. It lets anybody in under the name that they type.
//
//   NODE_MODULES=… node provider.mjs PORT CERTIFICATE KEY CALENDARS AUDIENCE
//
// CALENDARS is the address of the calendar server. What the trial asks for stands below /try/: another key, and tokens that
// the provider would never make.

import { createRequire } from 'node:module';
import { createServer } from 'node:https';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.NODE_MODULES}/`);
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { Provider } = await load('oidc-provider');
const jose = await load('jose');

const [port, certificate, key, calendars, audience] = process.argv.slice(2);
const issuer = `https://localhost:${port}`;
// Members of groups. Everybody else is in none.
const groups = { alice: ['staff', 'admins'], bob: ['staff'] };

const common = { response_types: ['code'], grant_types: ['authorization_code'] };
const clients = [
    { ...common, client_id: 'daybook', client_secret: 'a secret: with+signs%', redirect_uris: [`${calendars}account/openid`], post_logout_redirect_uris: [calendars] },
    { ...common, client_id: 'phone', token_endpoint_auth_method: 'none', redirect_uris: ['https://phone.example.com/back'] },
];

function settings(keys) {
    return {
        clients,
        jwks: { keys },
        cookies: { keys: ['trial'] },
        pkce: { required: () => true },
        claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
        findAccount: async (_, id) => ({
            accountId: id,
            claims: async () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [] }),
        }),
        extraTokenClaims: async (_, token) => ({ preferred_username: token.accountId }),
        interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
        // Nobody is asked what a program may know.
        loadExistingGrant: async (ctx) => {
            const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
            grant.addOIDCScope('openid profile email');
            grant.addResourceScope(audience, 'calendars');
            await grant.save();
            return grant;
        },
        features: {
            devInteractions: { enabled: false },
            resourceIndicators: {
                enabled: true,
                getResourceServerInfo: () => ({
                    scope: 'calendars', audience, accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: 'PS256' } },
                }),
            },
        },
    };
}

async function pair(name, alg) {
    const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    return { ...(await jose.exportJWK(privateKey)), kid: name, alg, use: 'sig' };
}

let provider, answer, signing;
let number = 0;

async function renew() {
    number += 1;
    signing = await pair(`signing ${number}`, 'RS256');
    provider = new Provider(issuer, settings([signing, await pair(`access ${number}`, 'PS256')]));
    answer = provider.callback();
}

// A token with any head and claims: `by` is `provider`, `other`, `secret` or `none`.
async function forge({ by, head, claims }) {
    const header = { alg: 'RS256', kid: signing.kid, ...head };
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const message = `${part(header)}.${part(claims)}`;
    if (by === 'none') return `${message}.`;
    if (by === 'secret') return `${message}.${createHmac('sha256', signing.n).update(message).digest('base64url')}`;
    const jwk = by === 'provider' ? signing : await pair(signing.kid, 'RS256');
    return new jose.CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(await jose.importJWK(jwk, 'RS256'));
}

async function body(request) {
    const parts = [];
    for await (const part of request) parts.push(part);
    return Buffer.concat(parts).toString();
}

const page = '<!DOCTYPE html><title>Example</title><form method="post"><label>Name <input name="name"></label><button>Log in</button></form><footer></footer>';

async function serve(request, response) {
    if (request.url === '/try/renew') {
        await renew();
        return response.end();
    }
    if (request.url === '/try/forge') return response.end(await forge(JSON.parse(await body(request))));
    if (!request.url.startsWith('/login/')) return answer(request, response);
    if (request.method === 'GET') return response.setHeader('content-type', 'text/html').end(page);
    const accountId = new URLSearchParams(await body(request)).get('name');
    return provider.interactionFinished(request, response, { login: { accountId } });
}

await renew();
const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
createServer(tls, (request, response) => {
    serve(request, response).catch((error) => {
        console.error(error);
        response.writeHead(500).end();
    });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
