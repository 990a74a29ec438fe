package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"yanlu/internal/audit"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// undeliveredView is one message that somebody has not been told. The telephone
// number is in clear, since it is there to be called.
type undeliveredView struct {
	ID        string        `json:"id" format:"uuid"`
	PersonID  string        `json:"person_id" format:"uuid"`
	Name      string        `json:"name" example:"古丽娜尔·艾山"`
	Phone     string        `json:"phone,omitempty" example:"13800000001" doc:"Absent where none is known, and for those who were told"`
	Event     notify.Event  `json:"event" enum:"decision,reply,progress,task,reminder" example:"reply"`
	MatterID  string        `json:"matter_id" format:"uuid"`
	Kind      string        `json:"kind" example:"suggestion"`
	Title     string        `json:"title" doc:"What is to be said" example:"您的微建议有答复了"`
	Body      string        `json:"body"`
	Since     time.Time     `json:"since" doc:"When it was put into the inbox"`
	Reason    notify.Status `json:"reason" enum:"NO_GRANT,NOT_BOUND,NO_TEMPLATE,FAILED" example:"NOT_BOUND"`
	ReasonWhy string        `json:"reason_label" example:"没有绑定微信"`
	ToldBy    string        `json:"told_by,omitempty" example:"王静"`
	ToldAt    *time.Time    `json:"told_at,omitempty"`
	Note      string        `json:"note,omitempty" example:"本人接听，已知晓。"`
}

type undeliveredFilter struct {
	Paged
	State  string `query:"state" enum:"open,told" default:"open" example:"open" doc:"Those to tell, or those who were told by telephone"`
	Event  string `query:"event" enum:"decision,reply,progress,task,reminder" example:"reply" doc:"Only this event"`
	Reason string `query:"reason" enum:"NO_GRANT,NOT_BOUND,NO_TEMPLATE,FAILED" example:"NOT_BOUND" doc:"Only what was not delivered for this reason"`
}

type undeliveredCount struct {
	Open   int                 `json:"open" maximum:"100" doc:"Lines to tell; 100 stands for 99+"`
	Broken []brokenTemplateRow `json:"broken" nullable:"false" doc:"Templates that WeChat refuses: an administrator must mend the configuration"`
}

type brokenTemplateRow struct {
	Event  notify.Event `json:"event" example:"reply"`
	Reason string       `json:"reason" example:"微信不接受这个消息模板：字段与微信后台的模板不一致（47003）。请管理员核对配置。"`
	Since  time.Time    `json:"since"`
}

type toldInput struct {
	KeyedID
	Body struct {
		Note string `json:"note,omitempty" maxLength:"200" example:"本人接听，已知晓。" doc:"说明，可不填"`
	}
}

func (a *API) undeliveredRoutes() {
	const tag = "未送达"
	staff := roles(member.InfoStaff, member.ProposalStaff)
	read(a, operation{
		id: "undelivered.list", method: http.MethodGet, path: "/v1/undelivered", summary: "查看未送达的消息和电话", tag: tag, who: staff,
		faults: []*fault.Fault{errCursor}, shows: audit.Look,
	}, a.listUndelivered)
	read(a, operation{
		id: "undelivered.count", method: http.MethodGet, path: "/v1/undelivered/count", summary: "未送达条数和失效的模板", tag: tag,
		who: roles(member.InfoStaff, member.ProposalStaff, member.PlatformAdmin),
	}, func(ctx context.Context, _ *none) (undeliveredCount, error) {
		n, err := a.notify.CountUndelivered(ctx, actorOf(ctx))
		if err != nil {
			return undeliveredCount{}, err
		}
		faults, err := a.notify.Faults(ctx)
		c := undeliveredCount{Open: n, Broken: []brokenTemplateRow{}}
		for _, f := range faults {
			c.Broken = append(c.Broken, brokenTemplateRow{f.Event, failure(f.ErrorCode), local(f.Since)})
		}
		return c, err
	})
	may := func(ctx context.Context, id string) error { return a.notify.MaySeeUndelivered(ctx, actorOf(ctx), id) }
	act(a, operation{
		id: "undelivered.told", method: http.MethodPost, path: "/v1/undelivered/{id}/told", summary: "已电话告知", tag: tag, who: staff,
		faults: []*fault.Fault{notify.ErrNotWaiting},
	}, func(ctx context.Context, in toldInput) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in toldInput) (doneView, error) {
			l, err := a.notify.TellByPhone(ctx, tx, actorOf(ctx), in.ID, in.Body.Note)
			if err != nil {
				return doneView{}, err
			}
			return doneView{true}, a.matters.LogCall(ctx, tx, actorOf(ctx), l.MatterID, l.PersonName, l.Title)
		})
	act(a, operation{
		id: "undelivered.resend", method: http.MethodPost, path: "/v1/undelivered/{id}/resend", summary: "再次推送", tag: tag, who: staff,
		faults: []*fault.Fault{notify.ErrNotWaiting, notify.ErrUnbound, notify.ErrNoTemplate},
	}, func(ctx context.Context, in KeyedID) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
			return doneView{true}, a.notify.Resend(ctx, tx, actorOf(ctx), in.ID)
		})
}

func (a *API) listUndelivered(ctx context.Context, in *undeliveredFilter) (page[undeliveredView], error) {
	after, err := idCursor(in.After)
	if err != nil {
		return page[undeliveredView]{}, err
	}
	lines, err := a.notify.Undelivered(ctx, actorOf(ctx), notify.UndeliveredFilter{
		Told: in.State == "told", Event: notify.Event(in.Event), Reason: notify.Status(in.Reason), After: after, Limit: in.Limit + 1,
	})
	if err != nil {
		return page[undeliveredView]{}, err
	}
	p := cut(lines, in.Limit, func(l notify.Line) string { return l.ID }, undeliveredLine)
	if in.State == "told" {
		return p, nil
	}
	for i := range p.Items {
		if p.Items[i].Phone, err = a.people.Phone(lines[i].Person()); err != nil {
			return page[undeliveredView]{}, err
		}
		audit.About(ctx, "person", p.Items[i].PersonID) // nobody looks at a number in clear without a trace
	}
	return p, nil
}

func undeliveredLine(l notify.Line) undeliveredView {
	return undeliveredView{
		ID: l.ID, PersonID: l.PersonID, Name: l.PersonName, Event: l.Event, MatterID: l.MatterID, Kind: l.Kind, Title: l.Title, Body: l.Body,
		Since: local(l.Since), Reason: l.Reason, ReasonWhy: reasonOf(l.Undelivered), ToldBy: l.ToldByName, ToldAt: localOrNil(l.ToldAt), Note: l.Note,
	}
}

// reasonOf says in plain words why somebody was not reached.
func reasonOf(u notify.Undelivered) string {
	switch u.Reason {
	case notify.NotBound:
		return "没有绑定微信"
	case notify.NoGrant:
		return "没有允许接收微信消息，或允许的次数已用完"
	case notify.NoTemplate:
		return "这类消息没有配置微信消息模板"
	default:
		return failure(u.ErrorCode)
	}
}

// failure says what a refusal of the platform means, and whose it is to mend.
func failure(code int) string {
	switch code {
	case 47003:
		return "微信不接受这个消息模板：字段与微信后台的模板不一致（47003）。请管理员核对配置。"
	case 40037:
		return "微信后台没有这个消息模板（40037）。请管理员核对配置。"
	case 41030:
		return "消息要打开的小程序页面不存在（41030）。请管理员核对配置。"
	case 40003:
		return "微信不认识对方的账号（40003）。请解除绑定后重新邀请。"
	case 0:
		return "微信没有响应，多次重试未成功"
	default:
		return fmt.Sprintf("微信没有发出这条消息，多次重试未成功（%d）", code)
	}
}
