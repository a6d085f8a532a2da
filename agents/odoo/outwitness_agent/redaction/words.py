"""The words that a path may keep: those of the Node agent (packages/agent/src/redaction/words.ts); a test compares the two."""

from __future__ import annotations

WORDS = frozenset(
    """
    a abort about accept account accounting acme action activate activity adapter add addon addons address admin
    administrator agent aggregate ajax album alert alive all alpha amqp an analytics and android announcement
    answer any api apis app append apple appointment approve archive area article artifact as asp aspx asset
    assign assistant at atom attach attachment attribute audience audio audit auth authentication authorization
    authorize avatar backup balance bank banner base basket batch beacon begin beta bill billing bin bind blob
    blog board book booking branch brand bridge browser bucket budget build bulk bundle buy buyer by cache
    calculate caldav calendar call callback camera campaign cancel captcha capture card carddav career cart case
    catalog catalogue category cdn cert certificate cfm cgi challenge change changelog channel chapter charge
    chart chat check checkout checksum chunk city class classify click client clock clone close cluster collect
    collection column command comment commit common company complete completion compliance component config
    configuration configure confirm connect connection connector consent console contact container content
    contract conversation conversion convert cookie copy core count country coupon crash create credential credit
    crm cron css csv currency current cursor customer dashboard database date dav day deactivate deal debit debug
    decide decline default definition delete delivery demand demo department dependency deploy desktop detach
    detect developer device diagnostic diagnostics dictionary diff digest directory disable disconnect discount
    disk dispute dist dns doc docs document documentation domain down download draft drive dump each echo edge
    edit email embed embedding employee enable end endpoint energy engage enroll entity entry env environment erp
    error errors evaluate event events every example exception exchange execute expense experiment explorer export
    extension external faq favicon fax feature fee feed feedback fetch field file filter find finish firewall
    firmware first fiscal flag flight folder follow font for forecast form forum fraud from ftp function gallery
    gateway generate geo geocode get gif global glossary google gql grant graph graphql group grpc guest guide gz
    handle has hash health healthz heartbeat hello help history home hook hooks host hotel html http https iap
    iban ico icon id identity ids iframe image imap import impression in inbox incident includes index infer info
    ingest init insert install instance integration internal introspect inventory invitation invite invoice invoke
    ios is issue item job join journal jpeg jpg js json jsonrpc jsp jwks key kind known lambda landing language
    last latest ldap lead leaf leave ledger legal library licence license light like limit link list listen live
    livez local locale location lock log login logout logs lookup machine mail main maintenance manager manifest
    map market marketplace match maven md me measure measurement media meeting member membership merchant merge
    message meta metadata meter metric metrics mfa migration milestone mirror mobile model moderate module money
    monitor monitoring month move mp3 mp4 mqtt music my network new news newsletter next no node nonce not
    notification notify npm oauth oauth2 object odata oembed of offer offset oidc old on open openapi openid
    operator opportunity option or order org organisation organization otp our out outbox overview owner package
    page panel paragraph parameter parcel parse part partner password patch pause pay payment payout payroll pdf
    people permission person phone photo php picture ping pipeline pixel place plan playground playlist plugin png
    pod policy poll pop3 port portal pos post power predict preference press preview previous price pricing print
    privacy private process product profile project promotion prompt property proxy public publish publisher pull
    purchase purge push put pypi query question queue quota quotation quote random rate read reading ready readyz
    recaptcha receive recognize record recovery redirect reference refresh refund region register registry reject
    relay release remove rename render renew replace replica replicate reply repo report repository request
    reservation reset resize resolve resource rest restart restore result resume retry review revoke risk robots
    role rollback room root route router row rpc rss rule run salary sale saml sample scan schedule schema scope
    score script search seat secret section security segment self sell seller send sensor sentence sepa server
    service session set setting settings setup sftp shadow shard share shared shipment shipping shop signature
    signin signout signup simple site sitemap siteverify sku sms smtp snapshot soap socket sort sound span spec
    speech split sprint sse sso stable stage start stat state static statistics stats status step stock stop
    storage store story stream style submit subnet subscribe subscriber subscription sum summary supplier supply
    support survey svg swagger switch sync table tag tar task tax team telemetry template tenant terms test text
    that the thing this thread thumbnail ticket time timeline timezone to todo token topic trace traces track
    tracking train transaction transcode transcribe transfer transform translate translation trash travel tree
    trigger trip tunnel tutorial twin txt type uninstall unlink unlock unregister unsubscribe up update upgrade
    upload upsert uptime usage user userinfo uuid v1 v2 v3 v4 v5 validate value variable variant variation vat
    vendor verify version video view visitor voice volume vote wallet warehouse warning warranty watch weather web
    webhook webp websocket week well wellknown widget wiki with without woff woff2 word worker workflow wp write
    ws wss www xml xmlrpc xmpp yaml year yes yml your zip zone
    """.split()
)


def is_listed(word: str) -> bool:
    """Is the word, given in lower case, listed, as it stands or as a plural?"""
    if word in WORDS:
        return True
    if not word.endswith('s') or len(word) < 3:
        return False
    if word[:-1] in WORDS:
        return True
    if word.endswith('ies'):
        return word[:-3] + 'y' in WORDS
    return word.endswith('es') and word[:-2] in WORDS
