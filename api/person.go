package api

import (
	"context"
	"net/http"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// personRoutes make, change and end single people of the roster.
func (a *API) personRoutes(with func(id, method, path, summary string, faults ...*fault.Fault) operation) {
	lists := []*fault.Fault{member.ErrName, member.ErrPosition, member.ErrNoSector, member.ErrNoGroup}
	create := with("member.create", http.MethodPost, "/v1/people", "添加一人", append(lists, member.ErrPhone, member.ErrPhoneTaken)...)
	create.status, create.audited = http.StatusCreated, "person"
	act(a, create, nil, func(ctx context.Context, tx *store.Tx, in newPerson) (personView, error) {
		p, err := a.people.Create(ctx, tx, actorOf(ctx), in.Body.input(), in.Body.Phone, a.now())
		if err != nil {
			return personView{}, err
		}
		return a.personView(ctx, tx, p)
	})
	may := func(ctx context.Context, id string) error {
		_, err := a.people.Find(ctx, a.db, actorOf(ctx), id)
		return err
	}
	act(a, with("member.change", http.MethodPost, "/v1/people/{id}/change", "修改姓名、职务、界别、联络组", append(lists, member.ErrStale)...),
		func(ctx context.Context, in changePerson) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in changePerson) (personView, error) {
			p, err := a.people.Change(ctx, tx, actorOf(ctx), in.ID, in.Body.Version, in.Body.input(), a.now())
			if err != nil {
				return personView{}, err
			}
			return a.personView(ctx, tx, p)
		})
	act(a, with("member.end", http.MethodPost, "/v1/people/{id}/end", "离任：结束此人的全部任职",
		member.ErrStale, member.ErrAppointmentStale, member.ErrMayNotGive, member.ErrOwnAdministrator, member.ErrLastAdministrator),
		func(ctx context.Context, in endInput) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in endInput) (personView, error) {
			day, err := dayOf(in.Body.Ends, "body.ends")
			if err != nil {
				return personView{}, err
			}
			p, err := a.people.EndPerson(ctx, tx, actorOf(ctx), in.ID, in.Body.Version, day, a.now())
			if err != nil {
				return personView{}, err
			}
			return a.personView(ctx, tx, p)
		})
}

// dayOf reads a date of an input; empty is the zero Day.
func dayOf(text, path string) (calendar.Day, error) {
	if text == "" {
		return calendar.Day{}, nil
	}
	day, err := calendar.Parse(text)
	if err != nil {
		return day, errInvalid.With(fault.Field{Path: path, Message: "日期不存在"})
	}
	return day, nil
}

func (a *API) listPeople(ctx context.Context, in *listPeople) (page[personView], error) {
	after, err := idCursor(in.After)
	if err != nil {
		return page[personView]{}, err
	}
	for name, id := range map[string]string{"unit": in.Unit, "term": in.Term} {
		if id != "" && !store.IsID(id) {
			return page[personView]{}, errInvalid.With(fault.Field{Path: "query." + name, Message: "编号格式不正确"})
		}
	}
	people, err := a.people.List(ctx, actorOf(ctx), member.Filter{
		Role: in.Role, UnitID: in.Unit, TermID: in.Term, Sector: in.Sector, GroupName: in.Group, Standing: in.Standing, Begins: in.Name,
		Order: in.Order, After: after, Limit: in.Limit + 1,
	}, calendar.Of(a.now()))
	if err != nil {
		return page[personView]{}, err
	}
	next := cut(people, in.Limit, func(p member.Person) string { return p.ID }, func(p member.Person) member.Person { return p })
	views, err := a.peopleViews(ctx, a.db, next.Items)
	return page[personView]{Items: views, Next: next.Next}, err
}

func (a *API) personView(ctx context.Context, c store.Conn, p member.Person) (personView, error) {
	views, err := a.peopleViews(ctx, c, []member.Person{p})
	if err != nil {
		return personView{}, err
	}
	return views[0], nil
}

func (a *API) peopleViews(ctx context.Context, c store.Conn, people []member.Person) ([]personView, error) {
	by, err := a.people.Appointments(ctx, c, people)
	if err != nil {
		return nil, err
	}
	terms, err := member.Terms(ctx, c, actorOf(ctx).InstitutionID)
	if err != nil {
		return nil, err
	}
	labels, today, views := map[string]string{}, calendar.Of(a.now()), []personView{}
	for _, t := range terms {
		labels[t.ID] = t.Label()
	}
	for _, p := range people {
		phone, err := a.people.Phone(p)
		if err != nil {
			return nil, err
		}
		v := personView{
			ID: p.ID, Name: p.Name, Phone: member.MaskPhone(phone), Position: p.Position, Sector: p.Sector, Group: p.GroupName,
			Term: labels[text(p.TermID)], Former: member.IsFormer(by[p.ID], today), Suspended: p.SuspendedAt != nil, Version: p.Version,
			Appointments: []appointmentView{},
		}
		for _, x := range by[p.ID] {
			v.Appointments = append(v.Appointments, viewAppointment(x))
		}
		views = append(views, v)
	}
	return views, nil
}

func viewAppointment(x member.Appointment) appointmentView {
	return appointmentView{
		x.ID, x.Role, member.Roles()[x.Role], text(x.UnitID), text(x.TermID), x.Begins.String(), x.Ends.String(), x.Version,
	}
}
