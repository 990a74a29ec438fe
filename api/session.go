package api

import (
	"context"
	"net/http"
	"time"

	"yanlu/internal/account"
	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

type loginInput struct {
	Body struct {
		Code   string `json:"code" minLength:"1" maxLength:"128" doc:"The code of wx.login" example:"0a1B2c3D4e5F6g7H8i9J"`
		Device string `json:"device,omitempty" maxLength:"100" doc:"What the user calls this device" example:"iPhone"`
	}
}

// loginView is what a login gives.
type loginView struct {
	Token     string    `json:"token" doc:"Send it as Authorization: Bearer; it is shown only now"`
	ExpiresAt time.Time `json:"expires_at" doc:"When it ends without use"`
	Bound     bool      `json:"bound" doc:"Whether it has an identity; if not, bind first"`
}

// meView is who is calling.
type meView struct {
	Bound     bool          `json:"bound"`
	Suspended bool          `json:"suspended"`
	Identity  *identityView `json:"identity,omitempty" doc:"The identity that is worn"`
	Bindings  []bindingView `json:"bindings" nullable:"false" doc:"All identities of this WeChat account"`
}

type identityView struct {
	PersonID      string     `json:"person_id" format:"uuid"`
	Name          string     `json:"name"`
	InstitutionID string     `json:"institution_id" format:"uuid"`
	Sector        string     `json:"sector,omitempty"`
	Group         string     `json:"group,omitempty"`
	Roles         []roleView `json:"roles" nullable:"false"`
	// What follows is for the client, which so knows no rule of its own.
	Units    []unitRefView `json:"units" nullable:"false" doc:"For which they work"`
	May      []string      `json:"may" nullable:"false" doc:"The operations (operationId) that their roles open to them; those that are open to everybody are left out" example:"[\"audit.list\"]"`
	HandsIn  []handsInView `json:"hands_in" nullable:"false" doc:"The kinds that they may hand in, and in whose name"`
	Works    bool          `json:"works" doc:"What others hand in may wait for them: for a role of theirs, or their unit"`
	Waits    bool          `json:"waits" doc:"Anything may wait for them: also what they handed in themselves"`
	Oversees bool          `json:"oversees" doc:"They see every matter that is handed in, and who has it in hand"`
}

type roleView struct {
	Role  member.Role `json:"role"`
	Label string      `json:"label"`
}

type bindingView struct {
	ID          string        `json:"id" format:"uuid"`
	Name        string        `json:"name"`
	Institution string        `json:"institution"`
	Proof       account.Proof `json:"proof" enum:"PHONE,INVITATION"`
	BoundAt     time.Time     `json:"bound_at"`
	Current     bool          `json:"current"`
}

type sessionView struct {
	ID        string    `json:"id" format:"uuid"`
	Device    string    `json:"device"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at" doc:"To about ten minutes"`
	Current   bool      `json:"current"`
}

type doneView struct {
	Done bool `json:"done"`
}

type bindInput struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"128" doc:"The code, once" example:"ABCDEFGHJK"`
	}
}

// IDInput names the subject in the path.
type IDInput struct {
	ID string `path:"id" format:"uuid"`
}

// KeyedID is the input of an act that needs no more than its subject.
type KeyedID struct {
	Keyed
	IDInput
}

type none struct{}

type logoutInput struct {
	Keyed
	visit
}

func (a *API) sessionRoutes() {
	with := func(o operation) operation { o.tag = "登录与身份"; return o }

	enter(a, with(operation{
		id: "session.login", method: http.MethodPost, path: "/v1/login", summary: "用微信登录", who: anybody, status: http.StatusCreated,
		faults: []*fault.Fault{account.ErrCode, account.ErrPlatform, account.ErrRisky, account.ErrTooOften},
	}), func(ctx context.Context, in *loginInput) (loginView, error) {
		token, s, err := a.accounts.Login(ctx, in.Body.Code, in.Body.Device, address(ctx))
		return loginView{Token: token, ExpiresAt: local(s.ExpiresAt), Bound: s.BindingID != nil}, err
	})
	enter(a, with(operation{
		id: "binding.phone", method: http.MethodPost, path: "/v1/bindings/phone", summary: "用手机号绑定身份", who: anyone, status: http.StatusCreated,
		faults: []*fault.Fault{account.ErrCode, account.ErrPlatform, account.ErrTooOften, account.ErrNoMatch},
	}), func(ctx context.Context, in *bindInput) (meView, error) {
		if err := a.accounts.BindByPhone(ctx, callerOf(ctx), in.Body.Code, address(ctx)); err != nil {
			return meView{}, err
		}
		return a.meAgain(ctx)
	})
	enter(a, with(operation{
		id: "binding.invitation", method: http.MethodPost, path: "/v1/bindings/invitation", summary: "用邀请码绑定身份", who: anyone, status: http.StatusCreated,
		faults: []*fault.Fault{account.ErrTooOften, account.ErrNoMatch},
	}), func(ctx context.Context, in *bindInput) (meView, error) {
		if err := a.accounts.BindByInvitation(ctx, callerOf(ctx), in.Body.Code, address(ctx)); err != nil {
			return meView{}, err
		}
		return a.meAgain(ctx)
	})
	read(a, with(operation{id: "session.me", method: http.MethodGet, path: "/v1/me", summary: "我是谁", who: anyone}),
		func(ctx context.Context, _ *none) (meView, error) { return a.me(ctx, callerOf(ctx)) })
	act(a, with(operation{
		id: "binding.choose", method: http.MethodPost, path: "/v1/bindings/{id}/choose", summary: "切换身份", who: anyone,
		faults: []*fault.Fault{account.ErrNotFound},
	}), nil, func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
		return doneView{true}, a.accounts.Choose(ctx, tx, callerOf(ctx), in.ID)
	})
	read(a, with(operation{id: "session.list", method: http.MethodGet, path: "/v1/sessions", summary: "我的登录设备", who: anyone}),
		func(ctx context.Context, _ *none) (page[sessionView], error) {
			c := callerOf(ctx)
			rows, err := a.accounts.Sessions(ctx, c.AccountID)
			return cut(rows, 100, nil, func(s account.Session) sessionView {
				return sessionView{s.ID, s.Device, local(s.CreatedAt), local(s.SeenAt), s.ID == c.SessionID}
			}), err
		})
	act(a, with(operation{
		id: "session.end", method: http.MethodPost, path: "/v1/sessions/{id}/end", summary: "退出某台设备", who: anyone,
		faults: []*fault.Fault{account.ErrNotFound},
	}), nil, func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
		return doneView{true}, a.accounts.EndSession(ctx, tx, callerOf(ctx).AccountID, in.ID)
	})
	act(a, with(operation{
		id: "session.logout", method: http.MethodPost, path: "/v1/logout", summary: "退出登录", who: anyone,
		faults: []*fault.Fault{account.ErrNotFound},
	}), nil, func(ctx context.Context, tx *store.Tx, in logoutInput) (doneView, error) {
		c := callerOf(ctx)
		if c.Desk {
			a.setCookie(in.request, sessionCookie, "", 0)
		}
		return doneView{true}, a.accounts.EndSession(ctx, tx, c.AccountID, c.SessionID)
	})
}

func (a *API) me(ctx context.Context, c account.Caller) (meView, error) {
	b := a.db.Batch()
	bindings, hands := account.LoadBindings(b, c.AccountID), (*matter.Hands)(nil)
	if c.Actor != nil {
		hands = a.matters.LoadHands(b, *c.Actor)
	}
	if err := b.Run(ctx); err != nil {
		return meView{}, err
	}
	v := meView{Bound: c.BindingID != "", Suspended: c.Suspended, Bindings: []bindingView{}}
	for _, b := range *bindings {
		v.Bindings = append(v.Bindings, bindingView{b.ID, b.PersonName, b.InstitutionName, b.Proof, local(b.BoundAt), b.ID == c.BindingID})
	}
	if c.Actor == nil {
		return v, nil
	}
	v.Identity = a.identityOf(*c.Actor, hands)
	return v, nil
}

func (a *API) identityOf(actor member.Actor, hands *matter.Hands) *identityView {
	held, labels := actor.Roles(), member.Roles()
	v := &identityView{
		PersonID: actor.PersonID, Name: actor.Name, InstitutionID: actor.InstitutionID, Sector: actor.Sector, Group: actor.GroupName,
		Roles: []roleView{}, Units: []unitRefView{}, May: a.mayOf(held), Works: a.matters.Works(actor), Oversees: matter.Oversees(actor),
	}
	for _, r := range held {
		v.Roles = append(v.Roles, roleView{r, labels[r]})
	}
	for _, u := range hands.Units() {
		v.Units = append(v.Units, unitRefView{u.ID, u.Name})
	}
	v.HandsIn, v.Waits = a.handsInOf(v.May, hands), hands.Waits()
	return v
}

// meAgain is me after the caller has changed.
func (a *API) meAgain(ctx context.Context) (meView, error) {
	c, err := a.accounts.Again(ctx, callerOf(ctx).SessionID)
	if err != nil {
		return meView{}, err
	}
	return a.me(ctx, c)
}
