package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"yanlu/internal/account"
	"yanlu/internal/notify"
	"yanlu/internal/safety"
	"yanlu/internal/wechat"
)

// platform is WeChat as the domain asks for it. It turns the classes of the
// platform's failures into the faults and outcomes that the domain declares.
type platform struct {
	client   *wechat.Client
	notify   *notify.Service
	checks   *safety.Service
	bindPage string // on which one binds by invitation
}

// Login implements account.Platform.
func (p platform) Login(ctx context.Context, code string) (account.Identity, error) {
	id, err := p.client.Login(ctx, code)
	return account.Identity{OpenID: id.OpenID, UnionID: id.UnionID}, asFault(err)
}

// Phone implements account.Platform.
func (p platform) Phone(ctx context.Context, code, openID string) (string, error) {
	number, err := p.client.Phone(ctx, code, openID)
	return number, asFault(err)
}

// Code implements account.Platform.
func (p platform) Code(ctx context.Context, invitation string) ([]byte, error) {
	picture, err := p.client.Code(ctx, invitation, p.bindPage)
	return picture, asFault(err)
}

func asFault(err error) error {
	switch wechat.Classify(err) {
	case wechat.OK:
		return nil
	case wechat.BadCode, wechat.BadRecipient:
		return fmt.Errorf("%w: %w", account.ErrCode, err)
	case wechat.RiskyUser:
		return fmt.Errorf("%w: %w", account.ErrRisky, err)
	case wechat.TooOften:
		return fmt.Errorf("%w: %w", account.ErrTooOften, err)
	case wechat.Busy, wechat.Token, wechat.BadSetup:
		return fmt.Errorf("%w: %w", account.ErrPlatform, err)
	default:
		return err
	}
}

// Send implements notify.Sender.
func (p platform) Send(ctx context.Context, l notify.Letter) (notify.Outcome, int, error) {
	err := p.client.Send(ctx, wechat.Message{OpenID: l.OpenID, TemplateID: l.TemplateID, Page: l.Page, Fields: l.Fields})
	code := 0
	if e, ok := errors.AsType[*wechat.Error](err); ok {
		code = e.Code
	}
	switch wechat.Classify(err) {
	case wechat.OK:
		return notify.Delivered, 0, nil
	case wechat.NoGrant:
		return notify.Refused, code, err
	case wechat.BadField, wechat.BadRecipient, wechat.BadSetup:
		return notify.Broken, code, err
	default:
		return notify.Later, code, err
	}
}

// Echo implements api.Callbacks.
func (p platform) Echo(timestamp, nonce, signature, echostr string) (string, error) {
	return p.client.Echo(timestamp, nonce, signature, echostr)
}

// Forged implements api.Callbacks.
func (p platform) Forged(err error) bool {
	return errors.Is(err, wechat.ErrForged) || errors.Is(err, wechat.ErrMalformed)
}

// refusedCode is what a sent event says of a message that the user refuses.
const refusedCode = 43101

// Take implements api.Callbacks: it books what the platform says of consents and
// of pictures.
func (p platform) Take(ctx context.Context, query url.Values, body []byte) error {
	e, err := p.client.Decode(query, body)
	if err != nil {
		return err
	}
	if e.Media != nil {
		return p.checks.Told(ctx, verdictOf(*e.Media))
	}
	var changes []notify.Change
	for _, s := range e.Subscriptions {
		changes = append(changes, notify.Change{
			TemplateID: s.TemplateID,
			Accepted:   s.Kind == wechat.Popup && s.Accepted,
			// A prompt that was turned away takes back nothing that was given before.
			Refused: s.Kind == wechat.Change && !s.Accepted || s.Kind == wechat.Sent && s.ErrorCode == refusedCode,
		})
	}
	if len(changes) == 0 {
		return nil
	}
	return p.notify.Correct(ctx, e.ID, e.OpenID, changes)
}
