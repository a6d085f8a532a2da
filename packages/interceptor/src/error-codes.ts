import { util } from './node.ts';

const { signals } = process.getBuiltinModule('node:os').constants;

/** The words of which Node, undici, ws and OpenSSL make their codes (`ERR_TLS_CERT_ALTNAME_INVALID`, `UND_ERR_BODY_TIMEOUT`). */
const PARTS: ReadonlySet<string> = new Set(
  (
    '1 101 2 3 a abort aborted access ack addr address adopted after alert allowed alpn already altname altsvc application ' +
    'arg args argv assertion assigned attack auth authority available bad before blocked body bound bounds bpl buffer ' +
    'buffered ca callback cancel cancelled cannot cb cert certificate chain channel char characters check child chunk cipher ' +
    'ciphers close closed code config conflict connect connected connection constant content context control cr crl custom ' +
    'data decode decrypt decryption denied dependency depth destroyed dgram dh did digest disabled disconnected dns ee ' +
    'encoding end eof err error errored event evp exceeded exec expected expired extension extensions failed failure fallback ' +
    'family fd field file fin finished flag forbidden fork format found frames from get goaway handle handshake has header ' +
    'headers hostname hpe http http2 identity implemented in inappropriate info init internal invalid ip ipc is issuer iter ' +
    'key last leaf length lf listen locally long mac manipulation many mask max maxbuffer mem memory message messaging method ' +
    'mismatch missing multiple name nested next no noseek not notify null number of one opcode operation or origin origins ' +
    'ossl out overflow packed packet param parser parts path paused payload peer pending ping pipe port premature process ' +
    'property protocol protocols proxy prx pseudoheader psk public purpose push range reached reading ready record rejected ' +
    'renegotiation reply req request required res respond response result retry return revoked rsv running same scheme self ' +
    'send sent server servers session set setting settings shared shutdown signature signed single size small sni socket ' +
    'socks5 space ssl sslv3 state status stdio stream streams strict supported sync system thread timeout tls tlsv1 tlsv13 to ' +
    'token too trailer trailers transfer transferable tunnel type unable unbound und unescaped unexpected unhandled ' +
    'uninitialized unknown unrecognized unserializable unshift unsupported untrusted update upgrade upstream url user utf8 ' +
    'valid value values verify version while with worker wrap write wrong ws yet zero'
  )
    .toUpperCase()
    .split(' '),
);

/** Codes of one word: of the system, its signals, of c-ares (lib/internal/dns), and Node's older ones. */
const WHOLE: ReadonlySet<string> = new Set([
  ...Object.keys(signals),
  ...[...util.getSystemErrorMap().values()].map(([name]) => name),
  ...(
    'ENODATA EFORMERR ESERVFAIL ENOTFOUND ENOTIMP EREFUSED EBADQUERY EBADNAME EBADFAMILY EBADRESP ECONNREFUSED ETIMEOUT EOF EFILE ENOMEM ' +
    'EDESTRUCTION EBADSTR EBADFLAGS ENONAME EBADHINTS ENOTINITIALIZED ELOADIPHLPAPI EADDRGETNETWORKPARAMS ECANCELLED ECANCELED ' +
    'ESOCKETTIMEDOUT EPROTO ESOCKET ETLS EDNS ECONNECTION EENVELOPE EMESSAGE EAUTH ESTREAM'
  ).split(' '),
]);

/** Is it a code of the platform? Whoever destroys a socket can give his error any code, a secret too. */
export function isKnownCode(code: string): boolean {
  return WHOLE.has(code) || (code.includes('_') && code.split('_').every((part) => PARTS.has(part)));
}
