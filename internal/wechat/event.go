package wechat

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// The events that are read beyond their head.
const (
	EventPopup  = "subscribe_msg_popup_event"  // the user answered a prompt
	EventChange = "subscribe_msg_change_event" // the user changed it in the settings
	EventSent   = "subscribe_msg_sent_event"   // a message arrived, or did not
	EventMedia  = "wxa_media_check"            // the verdict on a file
)

// Event is a push of the platform.
type Event struct {
	// ID is the same for each delivery of one event, in whatever form, and
	// different for different events: 64 hexadecimal digits.
	ID string
	// Type is the event's name, or the message's type for a user's message.
	Type string
	// OpenID is the user; in EventMedia it is an account of the platform's.
	OpenID string
	// At is when it happened, to the second, in UTC.
	At time.Time
	// Subscriptions is what EventPopup, EventChange and EventSent tell.
	Subscriptions []Subscription
	// Media is what EventMedia tells, else nil.
	Media *MediaVerdict
}

// Kind is which event a subscription was told by.
type Kind string

// The kinds of subscription.
const (
	Popup  Kind = "popup"
	Change Kind = "change"
	Sent   Kind = "sent"
)

// Subscription is one template within an event. Accepted is the user's choice,
// or that the message arrived. ErrorCode and MsgID belong to Sent: the code is
// zero when the message arrived, 43101 when the user has refused it.
type Subscription struct {
	TemplateID string
	Kind       Kind
	Accepted   bool
	ErrorCode  int
	MsgID      string
}

// MediaVerdict is the outcome of an asynchronous check. With an ErrCode other
// than zero (-1008: the file could not be fetched) there is no advice.
type MediaVerdict struct {
	TraceID string
	ErrCode int
	Suggest Suggest
	Label   int
}

// kinds tells the kind of the events that have a list.
var kinds = map[string]Kind{EventPopup: Popup, EventChange: Change, EventSent: Sent}

// readEvent makes an Event of a parsed push. The raw message is for the ID of
// what is not read any further.
func readEvent(p push, raw []byte) (Event, error) {
	e := Event{Type: string(p.Event), OpenID: string(p.FromUserName)}
	if p.MsgType != "event" {
		e.Type = string(p.MsgType)
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(p.CreateTime)), 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<35 || e.Type == "" {
		return Event{}, ErrMalformed
	}
	e.At = time.Unix(seconds, 0).UTC()
	kind, listed := kinds[e.Type]
	switch {
	case listed:
		for _, item := range p.list() {
			s, err := item.subscription(kind)
			if err != nil {
				return Event{}, err
			}
			e.Subscriptions = append(e.Subscriptions, s)
		}
	case e.Type == EventMedia:
		if e.Media, err = p.media(); err != nil {
			return Event{}, err
		}
	}
	e.ID = e.digest(string(p.MsgID), raw)
	return e, nil
}

// digest computes the ID over what the event says, each part with its length
// before it. The raw message counts only where nothing of it was read and it has
// no id of its own.
func (e Event) digest(msgID string, raw []byte) string {
	h := sha256.New()
	write := func(part string) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	write(e.Type)
	write(e.OpenID)
	write(strconv.FormatInt(e.At.Unix(), 10))
	write(msgID)
	for _, s := range e.Subscriptions {
		write(s.TemplateID)
		write(strconv.FormatBool(s.Accepted))
		write(strconv.Itoa(s.ErrorCode))
		write(s.MsgID)
	}
	switch {
	case e.Media != nil:
		write(e.Media.TraceID)
	case e.Subscriptions == nil && msgID == "":
		write(string(raw))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// subscription reads one item. A number that is none is ErrMalformed.
func (i item) subscription(kind Kind) (Subscription, error) {
	s := Subscription{TemplateID: string(i.TemplateID), Kind: kind, MsgID: string(i.MsgID)}
	code, err := i.ErrorCode.number()
	if err != nil || s.TemplateID == "" {
		return Subscription{}, ErrMalformed
	}
	s.ErrorCode = code
	if kind == Sent {
		s.Accepted = code == 0
	} else {
		s.Accepted = i.SubscribeStatusString == "accept"
	}
	return s, nil
}

// media reads the verdict on a file. The label may be a string.
func (p push) media() (*MediaVerdict, error) {
	code, err := p.ErrCode.number()
	if err != nil || p.TraceID == "" || len(p.TraceID) > maxTrace {
		return nil, ErrMalformed
	}
	label, err := p.Result.Label.number()
	if err != nil {
		return nil, ErrMalformed
	}
	m := &MediaVerdict{TraceID: string(p.TraceID), ErrCode: code}
	if code != 0 {
		return m, nil
	}
	m.Suggest, m.Label = Suggest(p.Result.Suggest), label
	switch m.Suggest {
	case Pass, Review, Risky:
	default:
		m.Suggest = Review // a person looks at what we do not know
	}
	return m, nil
}
