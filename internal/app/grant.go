package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"gorm.io/gorm"

	"yanlu/config"
	"yanlu/internal/account"
	"yanlu/internal/audit"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// runGrant makes the first administrator of an institution, and the institution
// where there is none of that name, below another if that is named; for one who is there already it issues a new
// invitation, for a new telephone. Whoever can run it can read the database
// anyway.
func runGrant(ctx context.Context, c call) error {
	f, path := c.flags("grant")
	name := f.String("institution", "", "full name of the institution, as in 言城县政协")
	level := f.String("level", string(institution.County), "PROVINCE, PREFECTURE, COUNTY or TOWN")
	parent := f.String("parent", "", "full name of the institution above it, which is there already; may be empty")
	person := f.String("name", "", "name of the administrator")
	phone := f.String("phone", "", "mobile number of the administrator; may be empty")
	if err := parse(f, c.args); err != nil {
		return err
	}
	if *name == "" || *person == "" {
		return errors.New("usage: yanlu grant --institution NAME --name NAME [--phone NUMBER] [--level LEVEL] [--parent NAME]")
	}
	if !slices.Contains([]institution.Level{institution.Province, institution.Prefecture, institution.County, institution.Town}, institution.Level(*level)) {
		return fmt.Errorf("--level %s: want PROVINCE, PREFECTURE, COUNTY or TOWN", *level)
	}
	cfg, err := config.Load(*path, c.environ, config.Serve)
	if err != nil {
		return err
	}
	a, err := Build(ctx, Settings{Config: cfg, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	code, err := a.grant(ctx, granted{*name, institution.Level(*level), *parent, *person, *phone})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s is an administrator of %s.\nInvitation code, for 14 days, once: %s\n", *person, *name, code)
	return err
}

// granted is the institution, the one above it (empty: as it is), and who
// administers it.
type granted struct {
	name   string
	level  institution.Level
	parent string
	person string
	phone  string
}

func (a *App) grant(ctx context.Context, g granted) (code string, err error) {
	now := a.Now()
	err = a.DB.Tx(ctx, func(tx *store.Tx) error {
		i, err := gorm.G[institution.Institution](tx.Gorm(ctx)).Where("name = ?", g.name).First(ctx)
		if errors.Is(err, gorm.ErrRecordNotFound) {
			i, err = institution.Add(tx, now, g.name, g.level, institution.SmallOffice, nil), nil
		}
		if err != nil {
			return fmt.Errorf("find the institution: %w", err)
		}
		if g.parent != "" {
			if err := institution.PutUnder(ctx, tx, i, g.parent); err != nil {
				return err
			}
		}
		p, err := a.administrator(ctx, tx, i.ID, g.person, g.phone)
		if err != nil {
			return err
		}
		code, _, err = a.Accounts.Invite(ctx, tx, member.Actor{PersonID: p.ID, InstitutionID: i.ID}, p.ID)
		terminal := member.Actor{InstitutionID: i.ID, Held: []member.Held{{Role: audit.Terminal}}}
		a.Audit.Record(tx, now, audit.By(terminal, audit.Act, "command.grant").On("person", p.ID))
		return err
	})
	if store.IsDuplicate(err) {
		err = errors.New("somebody of this institution has this phone number already, under another name or without being an administrator")
	}
	return code, err
}

// administrator finds the administrator of that name, ending the binding of
// their telephone, since whoever asks again has lost it; or adds one.
func (a *App) administrator(ctx context.Context, tx *store.Tx, institutionID, name, phone string) (member.Person, error) {
	p, err := gorm.G[member.Person](tx.Gorm(ctx)).
		Where("institution_id = ? AND name = ? AND id IN (SELECT person_id FROM appointments WHERE role = ? AND ends IS NULL)", institutionID, name, member.PlatformAdmin).
		First(ctx)
	if err == nil {
		err := a.Accounts.Unbind(ctx, tx, member.Actor{InstitutionID: institutionID}, p.ID)
		if errors.Is(err, account.ErrNotFound) {
			err = nil
		}
		return p, err
	}
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return p, fmt.Errorf("find the administrator: %w", err)
	}
	p, err = a.People.Add(tx, a.Now(), member.NewPerson{InstitutionID: institutionID, Name: name, Phone: phone})
	if err == nil {
		member.Appoint(tx, a.Now(), p, member.PlatformAdmin, "")
	}
	return p, err
}
