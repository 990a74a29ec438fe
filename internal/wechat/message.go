package wechat

import (
	"context"

	"github.com/silenceper/wechat/v2/miniprogram/subscribe"
	"github.com/silenceper/wechat/v2/util"
)

// maxPage is the most bytes of a page with its parameters.
const maxPage = 1024

// Message is one subscribe message. Page is a page of the mini-program with its
// parameters, or empty: then the card opens nothing. Fields has the template's
// field names ("thing1", "time3") and their values.
type Message struct {
	OpenID, TemplateID, Page string
	Fields                   map[string]string
}

// Send sends one subscribe message, and spends one consent of the user to that
// template. The values are fitted first (see Fit), so that a 47003 means a field
// that the template has not, a missing one, or a date that is none.
//
// The call is made once, but for a refused access token: after a Busy the
// message may have been sent. Failures are NoGrant (the balance is zero, do not
// try again), BadField, BadRecipient, BadSetup (template or page), Token, Busy
// or Unknown.
func (c *Client) Send(ctx context.Context, m Message) error {
	switch {
	case !openIDPattern.MatchString(m.OpenID):
		return refuse("send", BadRecipient, "the openid is malformed")
	case m.TemplateID == "":
		return refuse("send", BadSetup, "the template has no id")
	case len(m.Page) > maxPage:
		return refuse("send", BadSetup, "the page is too long")
	case len(m.Fields) == 0:
		return refuse("send", BadField, "the message has no fields")
	}
	data := make(map[string]*subscribe.DataItem, len(m.Fields))
	for name, value := range Fit(m.Fields) {
		data[name] = &subscribe.DataItem{Value: value}
	}
	request := subscribe.Message{
		ToUser: m.OpenID, TemplateID: m.TemplateID, Page: m.Page, Data: data,
		MiniprogramState: c.cfg.ProgramState, Lang: "zh_CN",
	}
	return c.withToken(ctx, "send", func(ctx context.Context, token string) error {
		var answer struct{ util.CommonError }
		return post(ctx, "cgi-bin/message/subscribe/send", token, request, &answer)
	})
}
