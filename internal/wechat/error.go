package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/silenceper/wechat/v2/util"
)

// Error is what every failed call of this package is. It repeats no secret: no
// AppSecret, access token, session key or code. Nothing but a context's error
// can be unwrapped from it.
type Error struct {
	// Op is the call that failed: login, phone, send, check, picture, code or token.
	Op string
	// Code is the platform's errcode, zero where the platform gave none.
	Code int
	// Message is the platform's errmsg or what went wrong on the way, for the
	// log. It is not for a member's eyes.
	Message string

	class Class
	cause error // context.Canceled, context.DeadlineExceeded or nil
}

// Error returns the operation, the code and the message.
func (e *Error) Error() string {
	if e.Code != 0 {
		return fmt.Sprintf("wechat: %s: %d %s", e.Op, e.Code, e.Message)
	}
	return fmt.Sprintf("wechat: %s: %s", e.Op, e.Message)
}

// Unwrap returns the context's error behind a time-out or a cancellation.
func (e *Error) Unwrap() error { return e.cause }

// Class is what a caller does about a failure.
type Class int

// The classes, with the platform's codes that belong to them.
const (
	// OK is no failure.
	OK Class = iota
	// BadCode is a login or telephone code that is malformed, unknown, expired
	// (40029) or used (40163): the client asks for a new one.
	BadCode
	// TooOften is one user's frequency limit (45011): try later.
	TooOften
	// RiskyUser is a user whom the platform blocks at login (40226).
	RiskyUser
	// NoGrant is a message that was refused or whose consents are used up
	// (43101): the balance is zero, do not try again.
	NoGrant
	// BadField is a value that does not fit (47003, 45002): our bug.
	BadField
	// BadRecipient is an openid that is not of this mini-program (40003).
	BadRecipient
	// NotSeen is a user who has not been in the mini-program for two hours and
	// whose text is therefore not checked (61010).
	NotSeen
	// BadSetup is an AppID, AppSecret, address, template or page that is wrong,
	// or an ability that the account has not or has lost: an operator's matter.
	BadSetup
	// Token is an access token that failed and failed again after it was renewed
	// (40001, 42001, 40014).
	Token
	// Busy is a platform that did not answer or did not answer legibly: -1,
	// quota (45009), time-out, connection fault, HTTP 5xx. Try again later; a
	// message may have been sent nevertheless.
	Busy
	// Unknown is everything else.
	Unknown
)

var classNames = [...]string{
	"ok", "bad code", "too often", "risky user", "no grant", "bad field",
	"bad recipient", "not seen", "bad setup", "token", "busy", "unknown",
}

// String returns the class's name for logs.
func (c Class) String() string {
	if c < OK || c > Unknown {
		return "unknown"
	}
	return classNames[c]
}

// classes maps the platform's codes. 40013 and 40125 are the AppID and the
// AppSecret, 40164 an address that is not on the white list, 48001 an interface
// that the account may not call, 43107 and 43116 a banned ability or template,
// 45168 a sensitive word, 43108 two messages to one user at once.
var classes = map[int]Class{
	-1: Busy, 45009: Busy, 43108: Busy,
	40029: BadCode, 40163: BadCode,
	45011: TooOften,
	40226: RiskyUser,
	43101: NoGrant,
	47003: BadField, 45002: BadField, 45168: BadField, 40129: BadField, 40169: BadField,
	40003: BadRecipient,
	61010: NotSeen,
	40037: BadSetup, 41030: BadSetup, 40013: BadSetup, 40125: BadSetup, 40164: BadSetup,
	48001: BadSetup, 43107: BadSetup, 43116: BadSetup,
	40001: Token, 42001: Token, 40014: Token,
}

// Classify says what kind of failure an error is. A context's own error is Busy;
// an error that is not of this package is Unknown.
func Classify(err error) Class {
	if err == nil {
		return OK
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.class
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Busy
	}
	return Unknown
}

// refuse returns the error of a call that is not made.
func refuse(op string, class Class, message string) *Error {
	return &Error{Op: op, Message: message, class: class}
}

// fail turns what a call came to into an *Error, with every secret struck out:
// those of the configuration and those that the caller names.
func (c *Client) fail(op string, err error, secrets ...string) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	secrets = append(secrets, c.cfg.Secret, c.cfg.CallbackToken, c.cfg.CallbackAESKey)
	e := &Error{Op: op, class: Busy}
	if platform, ok := errors.AsType[*util.CommonError](err); ok {
		e.Code = int(platform.ErrCode)
		e.Message = scrub(platform.ErrMsg, secrets...)
		if e.class, ok = classes[e.Code]; !ok {
			e.class = Unknown
		}
		return e
	}
	if status, ok := errors.AsType[statusError](err); ok {
		e.Message = status.Error()
		if status < http.StatusInternalServerError && status != http.StatusTooManyRequests {
			e.class = Unknown
		}
		return e
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		e.Message, e.cause = "timed out", context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		e.Message, e.cause = "cancelled", context.Canceled
	case errors.Is(err, errElsewhere), errors.Is(err, errUnrouted):
		e.Message, e.class = scrub(inner(err).Error(), secrets...), BadSetup
	case isIllegible(err):
		e.Message = "the answer cannot be read"
	default:
		e.Message = scrub(inner(err).Error(), secrets...)
		if !isConnectionFault(err) {
			e.class = Unknown
		}
	}
	return e
}

// inner returns the cause within a *url.Error, whose own text has the whole URL.
func inner(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// isConnectionFault reports whether the call broke on the way, there or back.
func isConnectionFault(err error) bool {
	_, way := errors.AsType[*url.Error](err)
	_, network := errors.AsType[net.Error](err)
	return way || network || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// isIllegible reports whether the answer came and was not the JSON it should be.
// The library wraps one of its decoding errors in a plain string.
func isIllegible(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, kind := errors.AsType[*json.UnmarshalTypeError](err)
	return syntax || kind || errors.Is(err, errTooLong) || strings.HasPrefix(err.Error(), "json Unmarshal Error")
}
