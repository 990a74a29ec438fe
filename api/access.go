package api

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"yanlu/internal/account"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// access says who may call an operation at all. The zero access is nobody: an
// operation that grants nothing refuses everyone.
type access struct {
	public  bool          // without logging in
	ticket  bool          // of what is public: limited by a ticket, not by the address
	account bool          // logged in, bound or not
	roles   []member.Role // bound, and holding one of these
	bound   bool          // bound, whatever the roles: the subject decides
}

var (
	anybody   = access{public: true}
	holder    = access{public: true, ticket: true}
	anyone    = access{account: true}
	everybody = access{bound: true}
)

func roles(r ...member.Role) access { return access{roles: r} }

// admits reports whether somebody who is bound and holds some roles is let through.
func (w access) admits(held []member.Role) bool {
	return w.bound || slices.ContainsFunc(w.roles, func(r member.Role) bool { return slices.Contains(held, r) })
}

// words of an access, for the document.
func (w access) words() []string {
	switch {
	case w.public:
		return []string{"PUBLIC"}
	case w.account:
		return []string{"ACCOUNT"}
	case w.bound:
		return []string{"BOUND"}
	}
	words := []string{}
	for _, r := range w.roles {
		words = append(words, string(r))
	}
	return words
}

type callerKey struct{}

// callerOf returns who is calling; the zero Caller on a public operation.
func callerOf(ctx context.Context) account.Caller {
	c, _ := ctx.Value(callerKey{}).(account.Caller)
	return c
}

// actorOf returns the actor of an operation that asks for one.
func actorOf(ctx context.Context) member.Actor { return *callerOf(ctx).Actor }

// authorise is the middleware that finds out who calls and refuses what is not
// granted. It runs before anything of the request is looked at.
func (a *API) authorise(c huma.Context, next func(huma.Context)) {
	who, _ := c.Operation().Metadata["access"].(access)
	caller, err := a.identify(c, who)
	if err != nil {
		a.refuse(c, err)
		return
	}
	if id := c.Param("id"); id != "" && !store.IsID(id) {
		a.refuse(c, errInvalid.With(fault.Field{Path: "path.id", Message: "编号格式不正确"}))
		return
	}
	if isKeyed, _ := c.Operation().Metadata["keyed"].(bool); isKeyed {
		if !isKey(c.Header("Idempotency-Key")) {
			a.refuse(c, errNoKey)
			return
		}
	}
	ctx := context.WithValue(c.Context(), callerKey{}, caller)
	next(huma.WithContext(huma.WithContext(c, ctx), context.WithValue(ctx, pathIDKey{}, c.Param("id"))))
}

// isKey reports whether a header is a key: 8 to 64 visible ASCII characters.
func isKey(s string) bool {
	return len(s) >= 8 && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' })
}

func (a *API) identify(c huma.Context, who access) (account.Caller, error) {
	if who.ticket {
		return account.Caller{}, nil
	}
	if who.public {
		return account.Caller{}, a.limiter.allow(c.Context(), "address:"+address(c.Context()))
	}
	browser := humagin.Unwrap(c)
	token, desk, err := a.presented(browser.Request)
	if err != nil {
		return account.Caller{}, err
	}
	if token == "" {
		return a.stranger(c)
	}
	caller, err := a.accounts.Caller(c.Context(), token)
	if errors.Is(err, account.ErrNoSession) || err == nil && caller.Desk != desk {
		if desk {
			a.setCookie(browser, sessionCookie, "", 0)
		}
		return a.stranger(c)
	}
	if err != nil {
		return caller, err
	}
	if err := a.limiter.allow(c.Context(), "account:"+caller.AccountID); err != nil {
		return caller, err
	}
	switch {
	case caller.Suspended && who.account:
		caller.Actor = nil // may still log out, or put on another identity
		return caller, nil
	case caller.Suspended:
		return caller, account.ErrSuspended
	case who.account:
		return caller, nil
	case caller.Actor == nil:
		return caller, account.ErrNotBound
	case who.admits(caller.Actor.Roles()):
		return caller, nil
	}
	return caller, errForbidden
}

// stranger is somebody without a session, who is limited by address: tokens
// must not be tried out at will.
func (a *API) stranger(c huma.Context) (account.Caller, error) {
	if err := a.limiter.allow(c.Context(), "address:"+address(c.Context())); err != nil {
		return account.Caller{}, err
	}
	return account.Caller{}, account.ErrNoSession
}

func (a *API) refuse(c huma.Context, err error) {
	p := explain(c.Context(), a.log, err)
	c.SetHeader("Content-Type", p.ContentType(""))
	c.SetStatus(p.Status)
	if err := json.NewEncoder(c.BodyWriter()).Encode(p); err != nil && !errors.Is(err, context.Canceled) {
		a.log.InfoContext(c.Context(), "answer was not taken", "request_id", requestID(c.Context()))
	}
}

type pathIDKey struct{}

func pathID(ctx context.Context) string {
	id, _ := ctx.Value(pathIDKey{}).(string)
	return id
}
