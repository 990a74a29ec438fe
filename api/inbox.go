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
	Event      notify.Event `json:"event" enum:"decision,reply,progress,task,reminder" example:"reply"`
	TemplateID string       `json:"template_id"`
	Balance    int          `json:"balance" minimum:"0" maximum:"50" doc:"Messages that the asker's telephone still takes"`
	Ask        bool         `json:"ask" doc:"It is about what the asker is told, and the balance is low: ask consent for it"`
}

type inboxFilter struct {
	Paged
	Unread bool `query:"unread" doc:"Only what has not been read" example:"true"`
}

type readMany struct {
	Keyed
	Body struct {
		UpTo     string `json:"up_to,omitempty" format:"uuid" example:"0192f1c0-7d7a-7c31-9d2e-3f0a5b6c7d8e" doc:"读到这条消息为止，更新的不变"`
		MatterID string `json:"matter_id,omitempty" format:"uuid" example:"0192f1c0-7d7a-7c31-9d2e-3f0a5b6c7d8e" doc:"这件事项的全部消息，打开事项时使用"`
	}
}

var errReadWhat = fault.New(fault.Invalid, "request.read_what", "请说明要标为已读的是到哪一条为止，或是哪件事项的消息。两者选一。")

func (a *API) inboxRoutes() {
	const tag = "消息"
	read(a, operation{
		id: "inbox.list", method: http.MethodGet, path: "/v1/inbox", summary: "我的消息，新的在前", tag: tag, who: everybody,
		faults: []*fault.Fault{errCursor},
	}, func(ctx context.Context, in *inboxFilter) (page[messageView], error) {
		before, err := idCursor(in.After)
		if err != nil {
			return page[messageView]{}, err
		}
		rows, err := a.notify.Inbox(ctx, actorOf(ctx), notify.Filter{Unread: in.Unread, Before: before, Limit: in.Limit + 1})
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
	act(a, operation{
		id: "inbox.read_many", method: http.MethodPost, path: "/v1/inbox/read", summary: "标为已读：到某一条为止，或某件事项的", tag: tag, who: everybody, own: true,
		faults: []*fault.Fault{errReadWhat},
	}, nil, func(ctx context.Context, tx *store.Tx, in readMany) (doneView, error) {
		switch b := in.Body; {
		case (b.UpTo == "") == (b.MatterID == ""):
			return doneView{}, errReadWhat
		case b.UpTo != "":
			a.notify.ReadUpTo(tx, actorOf(ctx), b.UpTo)
		default:
			a.notify.ReadMatter(tx, actorOf(ctx), b.MatterID)
		}
		return doneView{true}, nil
	})
	read(a, operation{
		id: "template.list", method: http.MethodGet, path: "/v1/templates", tag: tag, who: anyone,
		summary: "请求订阅时用的模板，最该请求的在前",
	}, func(ctx context.Context, _ *none) (page[templateView], error) {
		caller, p := callerOf(ctx), page[templateView]{Items: []templateView{}}
		openID, err := a.accounts.OpenID(ctx, caller.AccountID)
		if err != nil {
			return p, err
		}
		wanted, err := a.notify.Wanted(ctx, openID, caller.Actor)
		for _, w := range wanted {
			p.Items = append(p.Items, templateView{w.Event, w.ID, w.Balance, w.Ask})
		}
		return p, err
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
