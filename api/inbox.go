package api

import (
	"context"
	"net/http"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// messageView is one message of the inbox.
type messageView struct {
	ID       string     `json:"id" format:"uuid"`
	Event    string     `json:"event" example:"reply"`
	MatterID string     `json:"matter_id" format:"uuid"`
	Kind     string     `json:"kind" example:"suggestion"`
	Title    string     `json:"title"`
	Body     string     `json:"body"`
	At       time.Time  `json:"at"`
	ReadAt   *time.Time `json:"read_at,omitempty"`
}

type unreadView struct {
	Unread int `json:"unread" maximum:"100" doc:"100 stands for 99+"`
}

type consentView struct {
	TemplateID string `json:"template_id" minLength:"1" maxLength:"100"`
	Accepted   bool   `json:"accepted"`
}

type reportConsents struct {
	Keyed
	Body struct {
		Consents []consentView `json:"consents" minItems:"1" maxItems:"5" doc:"What the user answered to each template of one prompt"`
	}
}

type templateView struct {
	Event      notify.Event `json:"event" example:"reply"`
	TemplateID string       `json:"template_id"`
}

func (a *API) inboxRoutes() {
	const tag = "消息"
	read(a, operation{
		id: "inbox.list", method: http.MethodGet, path: "/v1/inbox", summary: "我的消息，新的在前", tag: tag, who: everybody,
		faults: []*fault.Fault{errCursor},
	}, func(ctx context.Context, in *Paged) (page[messageView], error) {
		before, err := idCursor(in.After)
		if err != nil {
			return page[messageView]{}, err
		}
		rows, err := a.notify.Inbox(ctx, actorOf(ctx), before, in.Limit+1)
		return cut(rows, in.Limit, func(m notify.Message) string { return m.ID }, func(m notify.Message) messageView {
			return messageView{m.ID, string(m.Event), m.MatterID, m.Kind, m.Title, m.Body, local(m.CreatedAt), localOrNil(m.ReadAt)}
		}), err
	})
	read(a, operation{id: "inbox.count", method: http.MethodGet, path: "/v1/inbox/count", summary: "未读消息数", tag: tag, who: everybody},
		func(ctx context.Context, _ *none) (unreadView, error) {
			n, err := a.notify.Unread(ctx, actorOf(ctx))
			return unreadView{n}, err
		})
	act(a, operation{
		id: "inbox.read", method: http.MethodPost, path: "/v1/inbox/{id}/read", summary: "标为已读", tag: tag, who: everybody, own: true,
		faults: []*fault.Fault{notify.ErrNotFound},
	}, nil, func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
		return doneView{true}, a.notify.Read(ctx, tx, actorOf(ctx), in.ID)
	})
	read(a, operation{id: "template.list", method: http.MethodGet, path: "/v1/templates", summary: "请求订阅时用的模板", tag: tag, who: anyone},
		func(context.Context, *none) (page[templateView], error) {
			p := page[templateView]{Items: []templateView{}}
			for _, t := range a.notify.Templates() {
				p.Items = append(p.Items, templateView{t.Event, t.ID})
			}
			return p, nil
		})
	act(a, operation{id: "grant.report", method: http.MethodPost, path: "/v1/grants", summary: "上报用户对订阅消息的选择", tag: tag, who: anyone},
		nil, func(ctx context.Context, tx *store.Tx, in reportConsents) (doneView, error) {
			openID, err := a.accounts.OpenID(ctx, callerOf(ctx).AccountID)
			if err != nil {
				return doneView{}, err
			}
			var consents []notify.Consent
			for _, c := range in.Body.Consents {
				consents = append(consents, notify.Consent{TemplateID: c.TemplateID, Accepted: c.Accepted})
			}
			a.notify.Report(tx, openID, consents)
			return doneView{true}, nil
		})
}
