package wechat

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strconv"
	"strings"
)

// push is the wire form of a push, encrypted or not, XML or JSON. Every scalar
// is a text, because the platform sends numbers as strings here and there.
type push struct {
	Encrypt      text `json:"Encrypt" xml:"Encrypt"`
	FromUserName text `json:"FromUserName" xml:"FromUserName"`
	CreateTime   text `json:"CreateTime" xml:"CreateTime"`
	MsgType      text `json:"MsgType" xml:"MsgType"`
	Event        text `json:"Event" xml:"Event"`
	MsgID        text `json:"MsgId" xml:"MsgId"`

	// The list stands bare in JSON and under the event's own name in XML.
	List   items `json:"List" xml:"List"`
	Popup  under `json:"SubscribeMsgPopupEvent" xml:"SubscribeMsgPopupEvent"`
	Change under `json:"SubscribeMsgChangeEvent" xml:"SubscribeMsgChangeEvent"`
	Sent   under `json:"SubscribeMsgSentEvent" xml:"SubscribeMsgSentEvent"`

	TraceID text `json:"trace_id" xml:"trace_id"`
	ErrCode text `json:"errcode" xml:"errcode"`
	Result  struct {
		Suggest text `json:"suggest" xml:"suggest"`
		Label   text `json:"label" xml:"label"`
	} `json:"result" xml:"result"`
}

type under struct {
	List items `json:"List" xml:"List"`
}

// item is one template of a list.
type item struct {
	TemplateID            text `json:"TemplateId" xml:"TemplateId"`
	SubscribeStatusString text `json:"SubscribeStatusString" xml:"SubscribeStatusString"`
	MsgID                 text `json:"MsgID" xml:"MsgID"`
	ErrorCode             text `json:"ErrorCode" xml:"ErrorCode"`
}

// list returns the items, wherever they stand.
func (p push) list() items {
	for _, list := range []items{p.List, p.Popup.List, p.Change.List, p.Sent.List} {
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// parsePush reads XML or JSON, whichever it is. Anything else is ErrMalformed.
func parsePush(body []byte) (push, error) {
	var p push
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case bytes.HasPrefix(body, []byte("{")):
		if json.Unmarshal(body, &p) != nil {
			return push{}, ErrMalformed
		}
	case bytes.HasPrefix(body, []byte("<")):
		if xml.Unmarshal(body, &p) != nil {
			return push{}, ErrMalformed
		}
	default:
		return push{}, ErrMalformed
	}
	return p, nil
}

// text is a scalar that JSON may have as a string or as a number.
type text string

// UnmarshalJSON takes a string, a number, a truth value or null, which is empty.
func (t *text) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*t = text(s)
	case '{', '[':
		return ErrMalformed
	case 'n':
		*t = ""
	default:
		*t = text(raw)
	}
	return nil
}

// number reads the text as a whole number; an empty one is zero.
func (t text) number() (int, error) {
	digits := strings.TrimSpace(string(t))
	if digits == "" {
		return 0, nil
	}
	return strconv.Atoi(digits)
}

// items is a list that JSON has as an array, or as the bare object when there is
// only one.
type items []item

// UnmarshalJSON takes an array, an object or null.
func (l *items) UnmarshalJSON(raw []byte) error {
	if raw[0] == '{' {
		*l = make(items, 1)
		return json.Unmarshal(raw, &(*l)[0])
	}
	return json.Unmarshal(raw, (*[]item)(l))
}
