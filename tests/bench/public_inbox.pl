# Adds every letter of an mboxrd to the inbox "bench" of PI_CONFIG, as public-inbox's own import scripts do.
use strict;
use warnings;
use PublicInbox::Config;
use PublicInbox::InboxWritable;
use PublicInbox::Eml;

my $inbox = PublicInbox::Config->new->lookup_name('bench') or die 'no inbox';
my $writer = PublicInbox::InboxWritable->new($inbox)->importer(1);
open my $mbox, '<', $ARGV[0] or die $!;
my $raw = '';
my $add = sub {
	return if $raw eq '';
	$raw =~ s/\n\z//; # the empty line that ends a letter in an mbox is not the letter's
	$raw =~ s/^>(>*From )/$1/gm;
	$writer->add(PublicInbox::Eml->new(\$raw));
	$raw = '';
};
while (my $line = <$mbox>) {
	if ($line =~ /^From mboxrd\@z /) { $add->(); next }
	$raw .= $line;
}
$add->();
$writer->done;
