/**
 * The words that a path may keep: the vocabulary of APIs and web sites, no names of people, no places, nothing that is somebody's. A word counts in its plural too.
 * What is not listed is masked, so the list says all that a path can tell (docs/reference/redaction.md). Add words, never patterns.
 */
const BY_THEME = {
  'structure of an API':
    'api apis rest rpc jsonrpc xmlrpc graphql gql soap odata grpc web www app internal external public private open core base root common ' +
    'shared global local default main index home v1 v2 v3 v4 v5 latest stable beta alpha preview current next previous first last old new ' +
    'version resource object entity entry item record document doc collection list set group batch bulk page part section node edge graph ' +
    'tree leaf row column table view field value key type kind class model schema spec definition template instance example sample demo test',
  actions:
    'get put post patch delete remove create add update upsert edit change replace insert read write append copy clone move rename merge ' +
    'split sort find search query lookup filter match count sum aggregate fetch pull push send receive submit publish subscribe unsubscribe ' +
    'listen watch poll notify call invoke run execute start stop pause resume restart cancel abort retry reset restore refresh renew sync ' +
    'replicate import export upload download convert transform transcode resize render print preview scan parse validate verify check ' +
    'approve reject accept decline confirm open close lock unlock enable disable activate deactivate register unregister enroll join leave ' +
    'invite share follow like vote rate comment reply report review archive trash purge install uninstall upgrade deploy build release ' +
    'rollback configure setup init begin end finish complete commit attach detach link unlink connect disconnect bind assign schedule book ' +
    'order buy sell pay charge refund capture authorize track trace log measure ping echo hello process handle generate calculate predict ' +
    'complete embed train infer moderate translate detect classify recognize transcribe ingest collect beacon engage decide evaluate resolve',
  'people and access':
    'account user profile member membership customer client contact person people employee partner vendor supplier merchant seller buyer ' +
    'owner admin administrator manager operator agent guest visitor subscriber tenant organization organisation org company team department ' +
    'role permission policy scope grant consent session login logout signin signout signup auth oauth oauth2 oidc saml sso openid token ' +
    'authentication authorization identity credential password secret mfa otp challenge recovery callback redirect me self connect wellknown ' +
    'jwks userinfo introspect revoke device invitation preference setting settings option feature flag',
  'business and money':
    'product catalog catalogue category brand sku variant price pricing currency exchange tax discount coupon promotion offer deal cart ' +
    'basket checkout purchase sale invoice bill billing payment payout transaction transfer balance ledger journal bank card wallet money ' +
    'credit debit fee subscription plan quote quotation contract warranty license licence publisher shipment shipping delivery tracking ' +
    'parcel stock inventory warehouse store shop market marketplace supply demand lead opportunity pipeline campaign audience segment ' +
    'ticket case issue incident request task todo project milestone sprint board calendar event meeting appointment booking reservation ' +
    'room seat travel flight hotel trip route map place location address geo geocode country region state city zone area weather forecast ' +
    'payroll salary expense budget account accounting fiscal audit compliance dispute fraud risk score iap crm erp pos sepa iban vat',
  'messages and media':
    'message mail email sms fax voice phone call chat conversation channel thread topic inbox outbox draft template attachment notification ' +
    'push alert announcement newsletter feed stream story post article blog news comment forum wiki faq help support feedback survey form ' +
    'question answer poll media image photo picture icon avatar thumbnail video audio music sound track playlist album gallery file folder ' +
    'directory drive disk volume blob bucket storage backup snapshot asset static resource content text html json xml csv pdf zip tar gz ' +
    'txt js css png jpg jpeg gif svg webp ico woff woff2 mp3 mp4 md yaml yml rss atom sitemap robots favicon manifest bundle chunk font style ' +
    'script language locale translation dictionary glossary book chapter paragraph sentence word completion prompt embedding assistant speech',
  'machines and operation':
    'server service host cluster node pod container image instance machine worker job queue task cron schedule function lambda trigger action ' +
    'workflow run step stage pipeline build artifact package module plugin extension addon addons component library dependency registry ' +
    'repository repo branch tag commit diff pull blob tree hook webhook hooks integration connector adapter proxy gateway router endpoint ' +
    'route domain dns zone record certificate cert key network subnet firewall rule port socket connection database cache index shard replica ' +
    'config configuration environment env variable parameter property attribute metadata meta info about status health healthz ready readyz ' +
    'live livez alive heartbeat uptime metric metrics stat stats statistics analytics telemetry monitor monitoring usage quota limit rate log ' +
    'logs trace traces span error errors exception crash warning debug diagnostic diagnostics dump report dashboard chart widget summary ' +
    'overview history activity timeline audit changelog release download update upgrade patch license migration maintenance time clock date ' +
    'day week month year timezone random id ids uuid hash digest signature checksum nonce cursor offset tunnel relay bridge mirror edge cdn ' +
    'device sensor thing gateway firmware reading measurement command state shadow twin camera light switch meter energy power',
  'sites and protocols':
    'http https ws wss websocket sse events ftp sftp smtp imap pop3 ldap mqtt amqp cgi bin php asp aspx jsp cfm well known acme challenge ' +
    'openid configuration security apple google android ios mobile desktop browser web site page landing search result terms privacy legal ' +
    'cookie contact about career job press partner developer documentation docs guide tutorial reference swagger openapi playground explorer ' +
    'console portal panel admin wp content includes json login ajax dav caldav carddav xmpp oembed embed iframe pixel track click impression ' +
    'conversion experiment variation audience segment consent banner captcha recaptcha verify siteverify simple stable dist npm pypi maven',
  'small words':
    'a an the of in on at by to for from with without and or not all any each every my your our this that is has as no yes up down out',
};

const WORDS: ReadonlySet<string> = new Set(Object.values(BY_THEME).flatMap((words) => words.split(' ')));

/** Is the word, given in lower case, listed, as it stands or as a plural? */
export function isListed(word: string): boolean {
  if (WORDS.has(word)) return true;
  if (!word.endsWith('s') || word.length < 3) return false;
  if (WORDS.has(word.slice(0, -1))) return true;
  if (word.endsWith('ies')) return WORDS.has(`${word.slice(0, -3)}y`);
  return word.endsWith('es') && WORDS.has(word.slice(0, -2));
}
