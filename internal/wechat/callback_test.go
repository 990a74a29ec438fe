package wechat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/silenceper/wechat/v2/util"
)

// newReceiver returns a Client that only decodes.
func newReceiver(t testing.TB, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{AppID: "wxtest0001", Secret: "secret", CallbackToken: testToken, CallbackAESKey: testAESKey}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg, noRedis(t), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func allowPlain(cfg *Config) { cfg.AllowPlainCallbacks = true }

// sealed returns a push in safe mode as the library makes it, which is no code
// of ours.
func sealed(t testing.TB, appID, message string, inXML bool) (url.Values, []byte) {
	t.Helper()
	encrypted, err := util.EncryptMsg([]byte("0123456789abcdef"), []byte(message), appID, testAESKey)
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{
		"timestamp": {"1714036504"}, "nonce": {"1514711492"}, "encrypt_type": {"aes"},
		"signature":     {util.Signature(testToken, "1714036504", "1514711492")},
		"msg_signature": {util.Signature(testToken, "1714036504", "1514711492", string(encrypted))},
	}
	if inXML {
		return query, []byte("<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[" + string(encrypted) + "]]></Encrypt></xml>")
	}
	return query, []byte(`{"ToUserName":"gh_1","Encrypt":"` + string(encrypted) + `"}`)
}

func plainQuery() url.Values {
	return url.Values{
		"timestamp": {"1714036504"}, "nonce": {"1514711492"},
		"signature": {util.Signature(testToken, "1714036504", "1514711492")},
	}
}

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	c := newReceiver(t, func(cfg *Config) { cfg.CallbackToken = "AAAAA" })
	for _, vector := range []struct{ timestamp, nonce, signature string }{
		{"1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"},
		{"1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"},
	} {
		if got := sign("AAAAA", vector.timestamp, vector.nonce); got != vector.signature {
			t.Errorf("got %s, want %s", got, vector.signature)
		}
		if got, err := c.Echo(vector.timestamp, vector.nonce, vector.signature, "4375120948345356249"); err != nil || got != "4375120948345356249" {
			t.Errorf("got %q, %v", got, err)
		}
		for name, wrong := range map[string]string{
			"empty": "", "short": vector.signature[:39], "upper": strings.ToUpper(vector.signature), "other": strings.Repeat("0", 40),
		} {
			if got, err := c.Echo(vector.timestamp, vector.nonce, wrong, "x"); !errors.Is(err, ErrForged) || got != "" {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
		}
	}
}

// The library's decoder takes anything when the token is empty.
func TestAnEmptyTokenIsRefused(t *testing.T) {
	t.Parallel()
	c := newReceiver(t, allowPlain, func(cfg *Config) { cfg.CallbackToken = "" })
	query := url.Values{"timestamp": {"1"}, "nonce": {"2"}, "signature": {sign("", "1", "2")}}
	if _, err := c.Decode(query, []byte(jsonPopup)); !errors.Is(err, ErrForged) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Echo("1", "2", sign("", "1", "2"), "x"); !errors.Is(err, ErrForged) {
		t.Errorf("got %v", err)
	}
}

const (
	jsonPopup = `{"ToUserName":"gh_1","FromUserName":"oUser","CreateTime":"1620973045","MsgType":"event",` +
		`"Event":"subscribe_msg_popup_event","List":[{"TemplateId":"t1","SubscribeStatusString":"accept","PopupScene":"0"},` +
		`{"TemplateId":"t2","SubscribeStatusString":"reject","PopupScene":"0"}]}`
	xmlPopup = `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oUser]]></FromUserName>
<CreateTime>1620973045</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_popup_event]]></Event>
<SubscribeMsgPopupEvent><List><TemplateId><![CDATA[t1]]></TemplateId><SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString>
<PopupScene>2</PopupScene></List><List><TemplateId><![CDATA[t2]]></TemplateId>
<SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString><PopupScene>2</PopupScene></List></SubscribeMsgPopupEvent></xml>`
)

var popup = Event{Type: EventPopup, OpenID: "oUser", At: time.Unix(1620973045, 0).UTC(), Subscriptions: []Subscription{
	{TemplateID: "t1", Kind: Popup, Accepted: true}, {TemplateID: "t2", Kind: Popup},
}}

// The library's decoder fails on numbers sent as strings and on half the forms
// of a list.
func TestDecodeReadsEveryForm(t *testing.T) {
	t.Parallel()
	head := func(event, createTime string) string {
		return `{"FromUserName":"oUser","CreateTime":` + createTime + `,"MsgType":"event","Event":"` + event + `",`
	}
	sent := func(accepted bool, code int) Event {
		return Event{Type: EventSent, OpenID: "oUser", At: time.Unix(1, 0).UTC(), Subscriptions: []Subscription{
			{TemplateID: "t", Kind: Sent, Accepted: accepted, ErrorCode: code, MsgID: "1864323726461255680"},
		}}
	}
	change := Event{Type: EventChange, OpenID: "oUser", At: time.Unix(1, 0).UTC(), Subscriptions: []Subscription{{TemplateID: "t", Kind: Change}}}
	media := func(m MediaVerdict) Event {
		return Event{Type: EventMedia, OpenID: "oUser", At: time.Unix(1, 0).UTC(), Media: &m}
	}
	for name, test := range map[string]struct {
		message string
		want    Event
	}{
		"a popup in JSON": {jsonPopup, popup},
		"a popup in XML":  {xmlPopup, popup},
		"a popup with its number as a number": {
			strings.Replace(jsonPopup, `"1620973045"`, `1620973045`, 1), popup},
		"a change whose list is one object": {
			head(EventChange, `1`) + `"List":{"SubscribeStatusString":"reject","TemplateId":"t"}}`, change},
		"a change under its own name": {
			head(EventChange, `1`) + `"SubscribeMsgChangeEvent":{"List":[{"SubscribeStatusString":"reject","TemplateId":"t"}]}}`, change},
		"a message that arrived, with strings": {
			head(EventSent, `"1"`) + `"List":{"TemplateId":"t","MsgID":"1864323726461255680","ErrorCode":"0","ErrorStatus":"success"}}`, sent(true, 0)},
		"a message that did not, with numbers": {
			head(EventSent, `1`) + `"List":[{"TemplateId":"t","MsgID":1864323726461255680,"ErrorCode":43101,"ErrorStatus":"x"}]}`, sent(false, 43101)},
		"a message that arrived, in XML": {
			`<xml><FromUserName>oUser</FromUserName><CreateTime> 1 </CreateTime><MsgType>event</MsgType><Event>subscribe_msg_sent_event</Event>` +
				`<SubscribeMsgSentEvent><List><TemplateId>t</TemplateId><MsgID>1864323726461255680</MsgID><ErrorCode>0</ErrorCode></List></SubscribeMsgSentEvent></xml>`,
			sent(true, 0)},
		"a risky file, the label a string": {
			head(EventMedia, `1`) + `"trace_id":"tr","errcode":0,"result":{"suggest":"risky","label":"20002"}}`,
			media(MediaVerdict{TraceID: "tr", Suggest: Risky, Label: 20002})},
		"a file with an advice that is new": {
			head(EventMedia, `1`) + `"trace_id":"tr","result":{"suggest":"maybe","label":1}}`,
			media(MediaVerdict{TraceID: "tr", Suggest: Review, Label: 1})},
		"a file that could not be fetched": {
			head(EventMedia, `1`) + `"trace_id":"tr","errcode":-1008,"errmsg":"x"}`,
			media(MediaVerdict{TraceID: "tr", ErrCode: -1008})},
		"an event that we do not know": {
			head("wxa_novelty", `1`) + `"x":{"y":[1]}}`,
			Event{Type: "wxa_novelty", OpenID: "oUser", At: time.Unix(1, 0).UTC()}},
		"a user's message": {
			`{"FromUserName":"oUser","CreateTime":1,"MsgType":"text","Content":"hi","MsgId":23456}`,
			Event{Type: "text", OpenID: "oUser", At: time.Unix(1, 0).UTC()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newReceiver(t, allowPlain)
			check := func(query url.Values, body []byte) string {
				t.Helper()
				got, err := c.Decode(query, body)
				if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(Event{}, "ID")); err != nil || diff != "" {
					t.Errorf("%v %s", err, diff)
				}
				return got.ID
			}
			id := check(plainQuery(), []byte(test.message))
			query, body := sealed(t, "wxtest0001", test.message, false)
			if check(query, body) != id || len(id) != 64 {
				t.Errorf("the ID %q depends on the way", id)
			}
			query, body = sealed(t, "wxtest0001", test.message, true)
			if check(query, body) != id {
				t.Error("the ID depends on the envelope")
			}
		})
	}
}

func TestIDIsTheEventsOwn(t *testing.T) {
	t.Parallel()
	c := newReceiver(t, allowPlain)
	id := func(message string) string {
		e, err := c.Decode(plainQuery(), []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		return e.ID
	}
	if id(jsonPopup) != id(xmlPopup) || id(jsonPopup) != id(strings.Replace(jsonPopup, `"1620973045"`, `1620973045`, 1)) {
		t.Error("the ID depends on the form")
	}
	for name, other := range map[string]string{
		"another user":     strings.Replace(jsonPopup, `"oUser"`, `"oOther"`, 1),
		"another second":   strings.Replace(jsonPopup, "1620973045", "1620973046", 1),
		"another template": strings.Replace(jsonPopup, `"t2"`, `"t3"`, 1),
		"another choice":   strings.Replace(jsonPopup, "reject", "accept", 1),
		"another event":    strings.Replace(jsonPopup, "popup", "change", 1),
	} {
		t.Run(name, func(t *testing.T) {
			if id(other) == id(jsonPopup) {
				t.Error("two events have one ID")
			}
		})
	}
}

// The library's decoder does not check msg_signature, takes plain text where
// safe mode is on, and reads what stands in clear beside it.
func TestForgedPushesAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change []func(*Config)
		forge  func(*request)
		want   error
	}{
		"no msg_signature":           {nil, func(r *request) { r.query.Del("msg_signature") }, ErrForged},
		"an empty msg_signature":     {nil, func(r *request) { r.query.Set("msg_signature", "") }, ErrForged},
		"signature as msg_signature": {nil, func(r *request) { r.query.Set("msg_signature", r.query.Get("signature")) }, ErrForged},
		"another timestamp":          {nil, func(r *request) { r.query.Set("timestamp", "1714036505") }, ErrForged},
		"another nonce":              {nil, func(r *request) { r.query.Set("nonce", "1") }, ErrForged},
		"another message":            {nil, func(r *request) { r.body = []byte(`{"Encrypt":"AAAA"}`) }, ErrForged},
		"another mini-program's": {nil, func(r *request) {
			r.query, r.body = sealed(t, "wxother00001", jsonPopup, false)
		}, ErrForged},
		"an AppID that only begins alike": {nil, func(r *request) {
			r.query, r.body = sealed(t, "wxtest00012", jsonPopup, false)
		}, ErrForged},
		"plain text in safe mode":        {nil, func(r *request) { r.query, r.body = plainQuery(), []byte(jsonPopup) }, ErrForged},
		"plain text that says aes":       {nil, func(r *request) { r.body = []byte(jsonPopup) }, ErrForged},
		"plain text with no signature":   {[]func(*Config){allowPlain}, func(r *request) { r.query, r.body = url.Values{}, []byte(jsonPopup) }, ErrForged},
		"plain text with another's":      {[]func(*Config){allowPlain}, func(r *request) { r.query.Set("nonce", "1"); r.body = []byte(jsonPopup) }, ErrForged},
		"encrypted where we have no key": {[]func(*Config){allowPlain, func(c *Config) { c.CallbackAESKey = "" }}, func(*request) {}, ErrForged},
		"what is no base64":              {nil, func(r *request) { r.sign("%%%%") }, ErrMalformed},
		"nothing in it":                  {nil, func(r *request) { r.sign("====") }, ErrMalformed},
		"a torn block":                   {nil, func(r *request) { r.sign("QUJDREVGRw==") }, ErrMalformed},
		"blocks of noise":                {nil, func(r *request) { r.sign(strings.Repeat("QUJD", 16)) }, ErrMalformed},
		"a length beyond the message":    {nil, func(r *request) { r.sign(rawSealed(t, 1000)) }, ErrMalformed},
		"a length beyond all":            {nil, func(r *request) { r.sign(rawSealed(t, 1<<32-1)) }, ErrMalformed},
		"a length into the AppID":        {nil, func(r *request) { r.sign(rawSealed(t, uint32(len(jsonPopup)+1))) }, ErrForged},
		"a message that is no JSON": {nil, func(r *request) {
			r.query, r.body = sealed(t, "wxtest0001", "hello", false)
		}, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r request
			r.query, r.body = sealed(t, "wxtest0001", jsonPopup, false)
			test.forge(&r)
			if got, err := newReceiver(t, test.change...).Decode(r.query, r.body); !errors.Is(err, test.want) || !cmp.Equal(got, Event{}) {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
	t.Run("what stands in clear beside the sealed message is not read", func(t *testing.T) {
		t.Parallel()
		query, body := sealed(t, "wxtest0001", jsonPopup, false)
		body = []byte(strings.Replace(string(body), "{", `{"FromUserName":"oForged","Event":"wxa_media_check","CreateTime":1,"MsgType":"event",`, 1))
		got, err := newReceiver(t).Decode(query, body)
		if diff := cmp.Diff(popup, got, cmpopts.IgnoreFields(Event{}, "ID")); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	})
}

// request is a push on its way.
type request struct {
	query url.Values
	body  []byte
}

// sign puts an Encrypt into a request, rightly signed.
func (r *request) sign(encrypted string) {
	r.body = []byte(`{"Encrypt":"` + encrypted + `"}`)
	r.query.Set("msg_signature", util.Signature(testToken, r.query.Get("timestamp"), r.query.Get("nonce"), encrypted))
}

// rawSealed encrypts the popup with a length that may be wrong.
func rawSealed(t *testing.T, length uint32) string {
	t.Helper()
	key, err := parseAESKey(testAESKey)
	if err != nil {
		t.Fatal(err)
	}
	plain := binary.BigEndian.AppendUint32(make([]byte, 16), length)
	plain = append(plain, jsonPopup+"wxtest0001"...)
	pad := sealBlock - len(plain)%sealBlock
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}
