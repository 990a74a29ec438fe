package wechat

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMalformedPushesAreRefused(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":                     "",
		"text":                        "success",
		"half a JSON":                 `{"MsgType":"event"`,
		"half an XML":                 `<xml><MsgType>event`,
		"no time":                     `{"MsgType":"event","Event":"x"}`,
		"a time that is none":         `{"MsgType":"event","Event":"x","CreateTime":"now"}`,
		"a time before time":          `{"MsgType":"event","Event":"x","CreateTime":-1}`,
		"a time without end":          `{"MsgType":"event","Event":"x","CreateTime":999999999999999}`,
		"no type":                     `{"CreateTime":1}`,
		"a name that is an object":    `{"MsgType":"event","Event":{},"CreateTime":1}`,
		"a list that is a number":     `{"MsgType":"event","Event":"subscribe_msg_sent_event","CreateTime":1,"List":1}`,
		"an error code that is none":  `{"MsgType":"event","Event":"subscribe_msg_sent_event","CreateTime":1,"List":{"TemplateId":"t","ErrorCode":"x"}}`,
		"an item without a template":  `{"MsgType":"event","Event":"subscribe_msg_sent_event","CreateTime":1,"List":{"ErrorCode":"0"}}`,
		"a verdict without its trace": `{"MsgType":"event","Event":"wxa_media_check","CreateTime":1}`,
		"an XML entity":               `<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>`,
		"too much":                    jsonPopup + strings.Repeat(" ", maxPush),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := newReceiver(t, allowPlain).Decode(plainQuery(), []byte(body)); !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{jsonPopup, xmlPopup, `{"Encrypt":"AAAA"}`, `{"List":{}}`, `<xml><List/></xml>`, "", "{", "<"} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	strict, lenient := newReceiver(f), newReceiver(f, allowPlain)
	f.Fuzz(func(t *testing.T, message []byte, inXML bool) {
		if _, err := strict.Decode(plainQuery(), message); !errors.Is(err, ErrForged) && !errors.Is(err, ErrMalformed) {
			t.Fatalf("a plain push was taken: %v", err)
		}
		plain, plainErr := lenient.Decode(plainQuery(), message)
		query, body := sealed(t, "wxtest0001", string(message), inXML)
		got, err := strict.Decode(query, body)
		if plainErr == nil && (err != nil || !cmp.Equal(plain, got)) {
			t.Fatalf("the ways differ: %v, %v, %v", err, plain, got)
		}
		if err != nil && !cmp.Equal(got, Event{}) {
			t.Fatal("an error with an event")
		}
		if err == nil && (len(got.ID) != 64 || got.Type == "") {
			t.Fatalf("an event without its head: %+v", got)
		}
	})
}
