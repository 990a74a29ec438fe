package api

import (
	"context"
	"net/http"
	"time"

	"yanlu/internal/account"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// personView is a row of the roster as staff see it; the phone is masked.
type personView struct {
	ID           string            `json:"id" format:"uuid"`
	Name         string            `json:"name"`
	Phone        string            `json:"phone,omitempty" example:"138****0001"`
	Position     string            `json:"position,omitempty" example:"秘书长"`
	Sector       string            `json:"sector,omitempty"`
	Group        string            `json:"group,omitempty"`
	Suspended    bool              `json:"suspended"`
	Appointments []appointmentView `json:"appointments" nullable:"false"`
}

type appointmentView struct {
	Role   member.Role `json:"role"`
	Label  string      `json:"label"`
	UnitID string      `json:"unit_id,omitempty" format:"uuid"`
	Begins string      `json:"begins" format:"date"`
	Ends   string      `json:"ends,omitempty" format:"date"`
}

type phoneInput struct {
	KeyedID
	Body struct {
		Phone string `json:"phone" minLength:"11" maxLength:"20" example:"13800000099" doc:"手机号"`
	}
}

type invitationView struct {
	Code      string    `json:"code" doc:"Shown only now; it works once" example:"7KQ2MXA9PD"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *API) peopleRoutes() {
	staff := roles(member.MemberWorkStaff, member.PlatformAdmin)
	with := func(id, method, path, summary string, faults ...*fault.Fault) operation {
		return operation{id: id, method: method, path: path, summary: summary, tag: "名册", who: staff, faults: append(faults, member.ErrNotFound)}
	}
	read(a, with("member.list", http.MethodGet, "/v1/people", "本单位名册", errCursor), a.listPeople)
	read(a, with("member.read", http.MethodGet, "/v1/people/{id}", "查看一人"), func(ctx context.Context, in *IDInput) (personView, error) {
		p, err := a.people.Find(ctx, a.db, actorOf(ctx), in.ID)
		if err != nil {
			return personView{}, err
		}
		views, err := a.peopleViews(ctx, []member.Person{p})
		if err != nil {
			return personView{}, err
		}
		return views[0], nil
	})
	may := func(ctx context.Context, id string) error {
		_, err := a.people.Find(ctx, a.db, actorOf(ctx), id)
		return err
	}
	mayID := func(ctx context.Context, in KeyedID) error { return may(ctx, in.ID) }
	act(a, with("member.phone", http.MethodPost, "/v1/people/{id}/phone", "更换手机号", member.ErrPhone, member.ErrPhoneTaken),
		func(ctx context.Context, in phoneInput) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in phoneInput) (doneView, error) {
			_, err := a.people.ChangePhone(ctx, tx, actorOf(ctx), in.ID, in.Body.Phone, a.now())
			return doneView{true}, err
		})
	act(a, with("member.suspend", http.MethodPost, "/v1/people/{id}/suspend", "停用账号", member.ErrSelf), mayID,
		func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
			return doneView{true}, a.people.Suspend(ctx, tx, actorOf(ctx), in.ID, a.now())
		})
	act(a, with("member.restore", http.MethodPost, "/v1/people/{id}/restore", "恢复账号"), mayID,
		func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
			return doneView{true}, a.people.Restore(ctx, tx, actorOf(ctx), in.ID, a.now())
		})
	invite := with("account.invite", http.MethodPost, "/v1/people/{id}/invite", "发邀请码", account.ErrStillBound, account.ErrNotPossible)
	invite.secret = true
	act(a, invite, mayID,
		func(ctx context.Context, tx *store.Tx, in KeyedID) (invitationView, error) {
			code, inv, err := a.accounts.Invite(ctx, tx, actorOf(ctx), in.ID)
			return invitationView{code, local(inv.ExpiresAt)}, err
		})
	act(a, with("account.unbind", http.MethodPost, "/v1/people/{id}/unbind", "解除微信绑定", account.ErrNotFound), mayID,
		func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
			return doneView{true}, a.accounts.Unbind(ctx, tx, actorOf(ctx), in.ID)
		})
}

func (a *API) listPeople(ctx context.Context, in *Paged) (page[personView], error) {
	after, err := idCursor(in.After)
	if err != nil {
		return page[personView]{}, err
	}
	people, err := a.people.List(ctx, actorOf(ctx), after, in.Limit+1)
	if err != nil {
		return page[personView]{}, err
	}
	next := cut(people, in.Limit, func(p member.Person) string { return p.ID }, func(p member.Person) member.Person { return p })
	views, err := a.peopleViews(ctx, next.Items)
	return page[personView]{Items: views, Next: next.Next}, err
}

func (a *API) peopleViews(ctx context.Context, people []member.Person) ([]personView, error) {
	by, err := a.people.Appointments(ctx, people)
	if err != nil {
		return nil, err
	}
	labels, views := member.Roles(), []personView{}
	for _, p := range people {
		phone, err := a.people.Phone(p)
		if err != nil {
			return nil, err
		}
		v := personView{
			ID: p.ID, Name: p.Name, Phone: member.MaskPhone(phone), Position: p.Position, Sector: p.Sector, Group: p.GroupName,
			Suspended: p.SuspendedAt != nil, Appointments: []appointmentView{},
		}
		for _, x := range by[p.ID] {
			v.Appointments = append(v.Appointments, appointmentView{x.Role, labels[x.Role], text(x.UnitID), x.Begins.String(), x.Ends.String()})
		}
		views = append(views, v)
	}
	return views, nil
}
