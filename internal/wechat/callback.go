package wechat

import (
	"errors"
	"fmt"
	"net/url"
)

// maxPush is the most bytes of a push that are read. Those of the platform have
// one or two thousand.
const maxPush = 1 << 20

// The failures of a callback. None of them says what the signature should be.
var (
	// ErrForged is a callback whose signature or AppID is wrong, that is not
	// encrypted where it must be, or for which no token is configured.
	ErrForged = errors.New("wechat: the callback is not the platform's")
	// ErrMalformed is a callback that cannot be read.
	ErrMalformed = errors.New("wechat: the callback cannot be read")
)

// Echo answers the GET with which the platform tries a callback address: it
// returns echostr when the signature is SHA-1 of the sorted token, timestamp and
// nonce, else ErrForged.
func (c *Client) Echo(timestamp, nonce, signature, echostr string) (string, error) {
	if c.cfg.CallbackToken == "" || !signed(signature, c.cfg.CallbackToken, timestamp, nonce) {
		return "", fmt.Errorf("%w: signature", ErrForged)
	}
	return echostr, nil
}

// Decode reads a push: the query and the body of the platform's POST. XML and
// JSON are told apart by the first byte, since the platform's Content-Type is no
// help within an encrypted push.
//
// In safe mode the msg_signature must be SHA-1 of the sorted token, timestamp,
// nonce and Encrypt, and the message must be for our AppID. A push in clear is
// ErrForged unless the configuration allows it, and then its signature is
// checked, which does not cover the body. Whatever stands in clear beside an
// Encrypt is not looked at. What is genuine and not legible is ErrMalformed.
//
// The platform waits five seconds for the answer "success", and sends again when
// it does not get it; Event.ID is the same each time. An old push is not
// refused: the ID is what a replay meets.
func (c *Client) Decode(query url.Values, body []byte) (Event, error) {
	if c.cfg.CallbackToken == "" {
		return Event{}, fmt.Errorf("%w: no callback token is configured", ErrForged)
	}
	if len(body) > maxPush {
		return Event{}, ErrMalformed
	}
	outer, err := parsePush(body)
	if err != nil {
		return Event{}, err
	}
	timestamp, nonce := query.Get("timestamp"), query.Get("nonce")
	if outer.Encrypt == "" {
		if !c.cfg.AllowPlainCallbacks {
			return Event{}, fmt.Errorf("%w: it is in clear, set safe mode in the console", ErrForged)
		}
		if !signed(query.Get("signature"), c.cfg.CallbackToken, timestamp, nonce) {
			return Event{}, fmt.Errorf("%w: signature", ErrForged)
		}
		return readEvent(outer, body)
	}
	encrypted := string(outer.Encrypt)
	if c.aesKey == nil || !signed(query.Get("msg_signature"), c.cfg.CallbackToken, timestamp, nonce, encrypted) {
		return Event{}, fmt.Errorf("%w: signature", ErrForged)
	}
	message, err := unseal(c.aesKey, c.cfg.AppID, encrypted)
	if err != nil {
		return Event{}, err
	}
	inner, err := parsePush(message)
	if err != nil {
		return Event{}, err
	}
	return readEvent(inner, message)
}
