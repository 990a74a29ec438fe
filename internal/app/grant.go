package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"gorm.io/gorm"

	"yanlu/config"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// runGrant makes the first administrator of an institution, and the institution
// where there is none of that name. Whoever can run it can read the database
// anyway.
func runGrant(ctx context.Context, c call) error {
	f, path := c.flags("grant")
	name := f.String("institution", "", "full name of the institution, as in 言城县政协")
	level := f.String("level", string(institution.County), "PROVINCE, PREFECTURE, COUNTY or TOWN")
	person := f.String("name", "", "name of the administrator")
	phone := f.String("phone", "", "mobile number of the administrator; may be empty")
	if err := parse(f, c.args); err != nil {
		return err
	}
	if *name == "" || *person == "" {
		return errors.New("usage: yanlu grant --institution NAME --name NAME [--phone NUMBER] [--level LEVEL]")
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
	code, err := a.grant(ctx, *name, institution.Level(*level), *person, *phone)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s is an administrator of %s.\nInvitation code, for 14 days, once: %s\n", *person, *name, code)
	return err
}

func (a *App) grant(ctx context.Context, name string, level institution.Level, person, phone string) (code string, err error) {
	now := a.Now()
	err = a.DB.Tx(ctx, func(tx *store.Tx) error {
		i, err := gorm.G[institution.Institution](tx.Gorm(ctx)).Where("name = ?", name).First(ctx)
		if errors.Is(err, gorm.ErrRecordNotFound) {
			i, err = institution.Add(tx, now, name, level, institution.SmallOffice, nil), nil
		}
		if err != nil {
			return fmt.Errorf("find the institution: %w", err)
		}
		p, err := a.People.Add(tx, now, member.NewPerson{InstitutionID: i.ID, Name: person, Phone: phone})
		if err != nil {
			return err
		}
		member.Appoint(tx, now, p, member.PlatformAdmin, "")
		code, _, err = a.Accounts.Invite(ctx, tx, member.Actor{PersonID: p.ID, InstitutionID: i.ID}, p.ID)
		return err
	})
	return code, err
}
