"""More realistic tools, of work and technology; the format of ``tool_domains``. For training alone."""

TECHNICAL = """
# containers
start launch spin_up / container docker_container : Start a container | Start a stopped container from its image
container name container_name : pseudo ; ?memory_mb memory ram : int 128 8000 ; ?detached background : bool in the background/in the foreground
> Bring {container} up[ with {memory_mb} MB]. | Start the container {container}[ {detached}]. | {container} isn't running yet, get it going[, {memory_mb} MB of memory] | We need {container} again[, {detached}]. | Fire up {container} please
= status enum started/failed ; container_id id
stop kill halt / container docker_container : Stop a running container | Shut a container down
container name container_name : pseudo ; ?grace_seconds wait timeout : int 1 120
> Take {container} down[, wait {grace_seconds} seconds first]. | {container} eats all the memory, kill it | Stop {container}[ after {grace_seconds} seconds]. | Please shut down the container {container}. | No more {container} for today
= status enum stopped/gone ; seconds int 1 60
list show / containers running_containers : List the containers on this host | Show which containers run
> Which containers are running right now? | Show me all containers. | What is docker doing on this machine? | docker ps please | List everything that runs in containers
= count int 1 40 ; newest word
set_limit_of cap limit / container_memory container_ram : Set the memory limit of a container | Cap how much memory a container may use
container name : pseudo ; limit_mb megabytes maximum : int 64 9000
> {container} must never use more than {limit_mb} MB. | Cap {container} at {limit_mb} MB | Give the container {container} a limit of {limit_mb} megabytes. | {limit_mb} MB should be enough for {container}, set that.
= status enum applied/rejected ; previous int 64 9000
# backups
start run trigger / backup system_snapshot : Start a backup of a system | Back a system up now
system source_name what : noun ; ?kind mode : enum full/incremental/differential ; ?encrypted secure : bool encrypted/unencrypted
> Back up the {system} now[, {kind}]. | Make a safety copy of the {system}[, {encrypted}]. | I want a [{kind} ]backup of the {system} before we touch it. | Save the {system} somewhere safe please | Backup {system}[ {kind}][ {encrypted}]
= backup_id id ; size_gb num 1 900
restore roll_back recover / backup system_snapshot : Restore a system from a backup | Go back to a saved state
backup_id snapshot_id id : id ; ?destination to host : pseudo
> Restore {backup_id}[ to {destination}]. | We lost everything, put {backup_id} back[ on {destination}]. | Recover the state from backup {backup_id} | Can we return to snapshot {backup_id}?
= status enum restored/failed ; minutes int 2 300
list show / backups system_snapshots : List the backups of a day | Show which backups exist
date day taken_on : date
> Which backups do we have from {date}? | Show the snapshots taken on {date}. | Did we back anything up on {date}? | {date}, all backups please
= count int 0 20 ; latest id
set_retention_of keep / backup_retention snapshot_retention : Set how long backups are kept | Change the number of days before old backups are deleted
days keep_days period : int 3 365
> Keep our backups for {days} days. | Old snapshots can go after {days} days. | Backup retention: {days} days | {days} days are enough, throw older backups away from now on.
= status enum saved/ok ; removed int 0 90
# logs
search grep find / logs log_lines : Search the logs of an application | Find log lines with a text
app application program : pseudo ; text pattern query : word ; ?since from start : time ; ?level severity : enum debug/info/warning/error
> Find "{text}" in the logs of {app}[ since {since}]. | Did {app} log anything with {text}?[ Only {level} lines.] | Grep {text} in {app}[, level {level}] | Look through {app} for lines that say {text}[, from {since} on].
= matches int 0 900 ; first_at time
tail follow watch / log log_output : Show the last lines of a log | Follow a log as it grows
app application program : pseudo ; ?lines line_count count : int 5 500
> What has {app} been writing lately?[ {lines} lines will do.] | Tail {app}[, {lines} lines]. | Show me the end of the {app} log | Last [{lines} ]lines from {app} please
= last_line message ; lines int 5 500
set change / log_level verbosity : Set how much an application logs | Change the log level
app application program : pseudo ; level severity : enum debug/info/warning/error
> Make {app} log at {level}. | {app} is far too chatty, set it to {level}. | Log level {level} for {app} | From now on I only want {level} from {app}.
= status enum set/ok ; previous enum debug/info/warning/error
archive compress pack / log_archive old_logs : Archive logs older than some days | Compress old logs to free space
older_than_days age days : int 7 400 ; ?delete_after remove : bool and delete the originals/and keep the originals
> Pack all logs older than {older_than_days} days[ {delete_after}]. | The disk is full of logs, compress what is over {older_than_days} days old[ {delete_after}]. | Archive logs after {older_than_days} days | Put anything beyond {older_than_days} days into the log archive[ {delete_after}].
= freed_gb num 0 300 ; archive file
# monitoring
create add set_up / alert alert_rule : Create an alert on a metric | Warn when a metric gets too high
metric measure_name what : enum cpu/memory/disk/latency/error rate ; threshold limit above : int 5 99 ; ?recipient notify email : email
> Warn me when {metric} goes over {threshold}. | Alert on {metric} above {threshold}[, notify {recipient}] | If {metric} passes {threshold}, somebody must know[, write to {recipient}]. | I want an alarm on {metric} at {threshold}. | New rule: {metric} > {threshold}[, mail {recipient}]
= rule_id id ; status enum active/pending
mute silence snooze / alert alert_rule : Mute an alert for some minutes | Silence a noisy alert
rule_id alert_id id : id ; minutes duration for_minutes : int 5 600
> Silence {rule_id} for {minutes} minutes. | {rule_id} keeps beeping, give me {minutes} minutes of peace. | Mute alert {rule_id}, {minutes} min | I know about {rule_id}, no more noise for {minutes} minutes please.
= status enum muted/unknown ; until time
acknowledge confirm take / alert incident_alert : Acknowledge an alert as seen | Tell the others that someone looks at an alert
rule_id alert_id id : id ; by who person : first
> {by} is looking at {rule_id}. | Acknowledge {rule_id} for {by}. | Tell the team {by} has alert {rule_id}. | {rule_id} has been seen by {by}
= status enum acknowledged/closed ; at time
list show / active_alerts firing_alerts : List the alerts that fire now | Show what is wrong at the moment
> What is broken right now? | Any alerts firing? | Show all open alarms. | Is everything green? | Give me the current alerts please
= count int 0 30 ; worst enum critical/warning/info
# deployment
deploy ship release / build app_version : Deploy a version of an application | Ship a build to an environment
app application project : pseudo ; version tag build_number : id ; environment env stage : enum staging/production/testing ; ?strategy : enum rolling/canary/all at once
> Ship {app} {version} to {environment}[, {strategy}]. | {version} of {app} is ready for {environment}, send it out[, {strategy}]. | Deploy {app} in version {version} on {environment}. | {environment}: put {app} {version} live[, {strategy}] | Can we get {version} of {app} onto {environment} today?
= status enum deployed/queued/failed ; url url
roll_back revert undo / release deployment : Roll an application back | Go back to the earlier version of an application
app application project : pseudo ; environment env stage : enum staging/production/testing
> The new {app} on {environment} is broken, go back. | Roll {app} back on {environment}. | Undo the last release of {app} in {environment} please | Users on {environment} hate the new {app}, give them the old one.
= status enum reverted/failed ; version id
get check show / live_version deployed_version : Show which version is live | Get the version of an application on an environment
app application project : pseudo ; environment env stage : enum staging/production/testing
> Which {app} is on {environment}? | What version of {app} do people see in {environment}? | {app} on {environment}: which build? | Has {environment} got the new {app} already?
= version id ; since date
freeze block / deployments releases : Block all deployments until a date | Allow no releases for a time
until end_date to : date ; ?reason why : phrase
> No more releases until {until}[ because of {reason}]. | Freeze deployments till {until}. | Nobody ships anything before {until}[, reason {reason}] | Code freeze up to {until} please[ ({reason})]
= status enum frozen/ok ; affected int 1 40
# dns
add create / dns_record dns_entry : Add a record to the DNS | Point a name at an address
name host domain_name : pseudo ; kind record_type : enum A/AAAA/CNAME/MX/TXT ; content value points_to : id ; ?ttl seconds : int 60 9000
> Add a record of type {kind} for {name} with {content}[, TTL {ttl}]. | {name} should point to {content}, record type {kind}. | New DNS entry: {name} {kind} {content}[ ttl {ttl}] | Put {content} into the DNS as {kind} of {name}[ for {ttl} seconds].
= record_id id ; status enum created/exists
delete remove drop / dns_record dns_entry : Delete a DNS record | Remove a name from the DNS
record_id entry id : id
> Drop the DNS record {record_id}. | {record_id} can leave the DNS. | Nobody uses the entry {record_id} any more, delete it. | Remove {record_id} from our DNS please
= status enum deleted/missing ; name word
resolve look_up query / hostname dns_name : Resolve a host name | Ask the DNS where a name points
name host domain_name : url
> Where does {name} point? | Resolve {name}. | Which address is behind {name}? | Does the DNS know {name} yet?
= address id ; ttl int 60 9000
flush clear / dns_cache resolver_cache : Clear the DNS cache | Forget all resolved names
> Flush the DNS cache. | My machine still sees the old address, clear its DNS memory. | Forget all cached names please | DNS cache: empty it
= status enum cleared/ok ; entries int 1 900
# firewall
open allow / port firewall_port : Open a port in the firewall | Allow traffic on a port
port port_number : int 20 9999 ; ?protocol proto : enum tcp/udp/both ; ?from_address source_ip only_from : id
> Open {port}[ for {protocol}]. | Let traffic in on port {port}[, {protocol} only]. | The app listens on {port} but nobody gets through. | Allow {port}[ over {protocol}][ only from {from_address}] | Please make {port} reachable[ from {from_address}].
= status enum open/ok ; rule id
close block shut / port firewall_port : Close a port in the firewall | Block traffic on a port
port port_number : int 20 9999
> Close port {port}. | {port} should not be open to the world! | Nothing may come in through {port} any more. | Block {port} please
= status enum closed/ok ; rule id
ban block blacklist / ip_address attacker : Ban an address from the network | Block all traffic from a host
host ip source_ip : id ; ?hours duration : int 1 72
> {host} is attacking us, lock it out[ for {hours} hours]. | Ban {host}[ for {hours} hours]. | Keep {host} away from our network[ for the next {hours} hours] | Too many logins from {host}, throw it out.
= status enum banned/already banned ; packets int 1 9000
list show / firewall_rules blocked_hosts : List the rules of the firewall | Show what the firewall blocks
> What does the firewall let through? | Show all rules of the firewall. | Who is banned at the moment? | Firewall overview please
= rules int 1 90 ; last_change date
# vpn
connect join / vpn private_line : Connect to the VPN | Join the private network through a country
country exit location : country ; ?kill_switch safe_mode : bool with the kill switch/without the kill switch
> Connect me through {country}[ {kill_switch}]. | I need to appear in {country}. | VPN to {country}[, {kill_switch}] | Route my traffic via {country} please | Private line to {country}[ {kill_switch}]
= status enum connected/failed ; latency int 5 300
disconnect leave / vpn private_line : Disconnect from the VPN | Leave the private network
> Turn the VPN off. | I don't need the private line now. | Disconnect the VPN please | Back to my normal connection | Leave the VPN
= status enum disconnected/ok ; minutes int 1 600
grant give / vpn_access remote_access : Give a person access to the VPN | Let someone into the private network
user person who : person ; until expires end : date ; ?device computer : noun
> {user} works from home until {until}, give remote access. | Let {user} into the VPN till {until}[ with the {device}]. | VPN for {user}, ends {until}[, device {device}] | {user} should get in from outside up to {until}.
= status enum granted/denied ; key id
# wifi_admin
set change / wifi_password network_key : Change the password of a wireless network | Set a new key for a Wi-Fi
network ssid wifi : pseudo ; password new_key secret : id
> The Wi-Fi {network} gets the password {password}. | Change the key of {network} to {password}. | New password {password} on {network} please | Everybody knows our key, make it {password} on {network}.
= status enum changed/ok ; clients int 1 60
list show / wifi_clients connected_devices : List who is on a wireless network | Show the devices on a Wi-Fi
network ssid wifi : pseudo ; ?band frequency : enum 2.4 GHz/5 GHz/6 GHz
> Who is on {network}?[ Only {band}.] | Show all devices in {network}[ on {band}]. | {network} is so slow, how many are connected? | Which phones and laptops use {network}[ at {band}]?
= count int 1 90 ; busiest word
kick disconnect / wifi_client connected_device : Throw a device off a wireless network | Disconnect a device from the Wi-Fi
device client name : id ; ?block ban : bool and block it for good/but let it come back
> Kick {device} off the Wi-Fi[ {block}]. | {device} is not ours, throw it out[ {block}]. | Disconnect {device} please | I don't know the device {device}. Off with it[ {block}]!
= status enum removed/not found ; network word
create add / guest_wifi visitor_network : Create a network for visitors | Add a guest Wi-Fi for some hours
name ssid network : pseudo ; hours duration valid_for : int 1 72
> Our visitors need Wi-Fi for {hours} hours, call it {name}. | Guest network {name} for {hours} hours | Set up {name} as a visitor network, {hours} hours. | Let guests online through {name}, but only {hours} hours.
= password id ; until date
# spreadsheet
set write fill / cell spreadsheet_cell : Write a value in a cell | Fill one cell of a sheet
cell position at : enum A1/B2/C3/D4/B7/F10 ; value content number : num 1 900 ; ?sheet tab : word
> Put {value} in {cell}[ of the sheet {sheet}]. | {cell} should be {value}[ on {sheet}]. | Write {value} to {cell}. | {cell} = {value}[, tab {sheet}] | The number in {cell} is wrong, it is {value}
= status enum written/locked ; before num 1 900
sort order / sheet spreadsheet_tab : Sort a sheet by a heading | Order the lines of a sheet
sheet tab name : word ; by heading key : enum name/date/amount/region/owner ; ?descending reverse : bool largest first/smallest first
> Sort {sheet} by {by}[, {descending}]. | Bring the sheet {sheet} in order of {by}. | I want {sheet} arranged by {by}[, {descending}] | {sheet} is a mess, order it by {by} please.
= lines int 2 900 ; top word
add insert / chart diagram : Add a chart to a sheet | Draw the numbers of a sheet as a chart
sheet tab name : word ; kind style : enum bar/line/pie/scatter ; ?caption heading title : title
> Make a {kind} chart from {sheet}[ titled {caption}]. | Draw {sheet} as a {kind} diagram[ with the caption "{caption}"]. | I'd rather see {sheet} as a {kind} chart. | {sheet}: {kind} chart please[, caption {caption}]
= chart_id id ; points int 3 200
sum total add_up / cells cell_range : Sum the cells of a range | Add up the numbers between two cells
first_cell start from : enum A1/A2/B1/B2/C1 ; last_cell end to : enum A20/B15/B30/C12/D40
> What do the cells from {first_cell} to {last_cell} add up to? | Sum {first_cell} to {last_cell}. | Total of {first_cell}:{last_cell} please | Add everything between {first_cell} and {last_cell}.
= total num 10 9000 ; filled int 2 90
# slides
add insert / slide deck_page : Add a slide to a presentation | Insert a new slide with a headline
headline heading title : title ; ?layout look : enum blank/two halves/photo/bullets ; ?position place_at number : int 1 40
> New slide "{headline}"[ at position {position}]. | I need another slide called {headline}[, layout {layout}]. | Slide {headline}, [{layout}, ]please | After that comes a slide with the headline "{headline}"[ as number {position}].
= number int 1 60 ; status enum added/ok
delete drop remove / slide deck_page : Delete a slide from a presentation | Drop a slide by its number
number slide_number index : int 1 60
> Slide {number} can go. | Drop slide {number}. | Nobody needs number {number}, take it out of the deck. | Delete the slide with the number {number} please
= left int 1 60 ; status enum deleted/ok
move shift / slide deck_page : Move a slide to another position | Change the order of the slides
number slide_number from_position : int 1 60 ; new_number to_position after : int 1 60
> Move slide {number} to {new_number}. | Number {number} should come at {new_number} in my deck. | Slide {number} is in the wrong spot, it belongs at {new_number}. | {number} -> {new_number} in the slide order
= status enum moved/ok ; total int 2 80
present show_off start / slideshow presentation : Start the presentation on the screen | Show the slides in full screen
deck presentation_name which : title ; ?from_slide begin_at : int 2 20 ; ?notes speaker_notes : bool with my notes/without my notes
> Start presenting {deck}[ at slide {from_slide}]. | {deck} on the big screen please[, {notes}] | The audience is here, show {deck}[ {notes}]. | Begin the talk {deck}[ from slide {from_slide}]
= status enum running/no screen ; slides int 5 80
# pdf
merge join combine / pdfs pdf_pair : Merge two PDFs to one | Join two PDFs
first_file first a : file ; second_file second b : file ; ?output name_of_result save_as : file
> Merge {first_file} and {second_file}[ to {output}]. | Make one PDF from {first_file} and {second_file}. | Append {second_file} to {first_file}[, save as {output}] | {first_file} plus {second_file} in a single PDF please
= output file ; pages int 2 200
split cut / pdf pdf_parts : Split a PDF in parts | Cut a PDF after some pages
file path name : file ; every pages_per_part size : int 1 40
> Cut {file} into pieces of {every} pages. | Split {file} every {every} pages. | {file} is too long, parts of {every} pages please | I'd like {file} in chunks, {every} pages each.
= parts int 2 30 ; first_part file
protect lock / pdf pdf_access : Protect a PDF with a password | Lock a PDF so that only some can open it
file path name : file ; password secret key : id ; ?allow_copy copying : bool copying allowed/copying forbidden
> Lock {file} with the password {password}[, {allow_copy}]. | Nobody should open {file} without {password}. | Put the password {password} on {file}[ ({allow_copy})] | {file} is confidential, protect it with {password}
= status enum protected/ok ; strength enum weak/medium/strong
shrink compress / pdf pdf_size : Make a PDF smaller | Compress a PDF to a number of kilobytes
file path name : file ; max_kb kilobytes limit : int 100 9000
> {file} is too big for the portal, {max_kb} KB at most. | Shrink {file} to {max_kb} KB. | Get {file} under {max_kb} kilobytes | Compress {file}, limit {max_kb}
= size_kb int 90 9000 ; output file
# sales
create open start / deal opportunity : Open a deal with a company | Create a sales opportunity
company client buyer : company ; value worth size : int 1000 90000 ; ?owner seller rep : first ; ?expected_close closing_date : date
> {company} might buy for {value}[, {owner} takes care]. | Open a deal with {company} worth {value}[, closing {expected_close}]. | New opportunity: {company}, {value} dollars[, owner {owner}] | We could sell {company} something for {value}[ by {expected_close}].
= deal_id id ; stage enum new/open
move advance push / deal opportunity : Move a deal to another stage | Change the stage of a sales opportunity
deal_id deal id : id ; stage step to : enum contacted/demo/proposal/negotiation
> {deal_id} is now in {stage}. | Move {deal_id} to {stage}. | We have reached {stage} with deal {deal_id}. | Deal {deal_id}: stage {stage}
= status enum moved/ok ; chance int 5 95
win close mark / deal_result sales_outcome : Close a deal as won or lost | Mark how a sales opportunity ended
deal_id deal id : id ; won success : bool We won/We lost ; ?reason why : enum price/timing/features/competition
> {won} {deal_id}[ because of {reason}]. | {won} the deal {deal_id}. | {won} {deal_id} today[, reason {reason}]! | {won} deal {deal_id} after all[, it was {reason}]
= status enum closed/ok ; quarter int 1 4
forecast predict / sales_total revenue : Predict the sales of a quarter | Forecast the revenue
quarter q : int 1 4 ; year : int 2023 2030
> How much will we sell in quarter {quarter} of {year}? | Revenue forecast Q{quarter} {year} | What do we expect for Q{quarter}, {year}? | Will quarter {quarter} of {year} be any good for sales?
= amount int 10000 900000 ; deals int 2 90
# ad_campaigns
launch create start / campaign ad_campaign : Launch an advertising campaign | Start a campaign for a product
product item subject : thing ; spend money_limit amount : int 100 9000 ; ?platform medium where : enum search/social/radio/billboards ; ?region country : country
> Advertise {product} for {spend} dollars[ on {platform}]. | Nobody knows our {product} yet, spend {spend} on ads[ in {region}]. | New campaign for {product}, {spend} dollars[, {platform}][, {region}] | Let's spend {spend} on making people in the streets want {product}. | {spend} dollars of {platform} ads for our {product}
= campaign_id id ; reach int 500 90000
pause hold / campaign ad_campaign : Pause a campaign | Hold the ads of a campaign for now
campaign_id campaign id : id ; ?until resume_on date : date
> Hold the campaign {campaign_id}[ until {until}]. | We are sold out, no more ads from {campaign_id} for now. | Pause {campaign_id}[ till {until}] | Give {campaign_id} a break[ until {until}].
= status enum paused/ended ; spent num 5 9000
get measure show / campaign_results ad_performance : Show how a campaign does | Get clicks and views of a campaign
campaign_id campaign id : id ; ?metric figure : enum clicks/views/sales/cost per click
> Is {campaign_id} any good?[ I mean {metric}.] | Show the results of {campaign_id}[, {metric} only]. | How did the ads of {campaign_id} go? | Numbers for campaign {campaign_id}[ ({metric})]
= clicks int 10 9000 ; cost num 5 900
suggest find / ad_keywords search_terms : Suggest keywords for ads on a topic | Find search words for advertising
topic about subject : phrase ; ?amount how_many : int 5 50
> Which words do people type when they look for {topic}? | [{amount} ]keywords for ads about {topic} | Suggest search terms on {topic}[, about {amount}]. | We advertise {topic}, give me good keywords[, {amount} of them].
= best word ; volume_per_month int 50 9000
# newsletter
subscribe add sign_up / subscriber reader_address : Add a reader to a newsletter | Sign someone up for the newsletter
address subscriber_email mail : email ; ?name full_name : person ; ?interest segment : phrase
> {address} wants our newsletter[, interested in {interest}]. | Add {address} to the readers[, the name is {name}]. | Sign up {address}[ ({name})]. | New subscriber: {address}[, likes {interest}]
= status enum subscribed/already there ; total int 20 9000
unsubscribe remove / subscriber reader_address : Remove a reader from a newsletter | Take someone off the newsletter
address subscriber_email mail : email ; ?reason why : enum too many mails/not relevant/never signed up
> {address} does not want to hear from us again[, {reason}]. | Take {address} off the newsletter[, reason: {reason}]. | No more newsletters to {address} please | Unsubscribe {address}[ ({reason})]
= status enum removed/unknown ; total int 20 9000
send mail_out schedule / newsletter newsletter_issue : Send a newsletter to all readers | Schedule a newsletter issue
subject headline title : title ; ?date send_on day : day ; ?segment readers : enum everyone/customers/press/partners
> Send out "{subject}"[ to {segment}]. | The newsletter {subject} should go to our readers[ {date}]. | Newsletter {subject} is ready, off it goes[ to {segment}][ {date}]. | Mail {subject} out[ to {segment}] please
= recipients int 20 9000 ; status enum sent/planned
get show / open_rate newsletter_numbers : Show how many readers opened a newsletter | Get the open rate of an issue
subject issue_name title : title
> How many people opened {subject}? | Did anyone read our newsletter {subject}? | Open rate of "{subject}" | Was {subject} a success with the readers?
= opened int 1 99 ; clicks int 0 900
# stockroom
receive book_in accept / goods incoming_goods : Book goods into the store | Record that goods came in
article sku product : thing ; pieces units_received how_many : int 1 900 ; ?supplier vendor from : company ; ?shelf place bin : id
> {pieces} {article} came in[ from {supplier}]. | Book in {pieces} {article}[, shelf {shelf}]. | {supplier} has just brought {pieces} {article}. | We got {article} today, {pieces} in all[, they are on {shelf}].
= on_hand int 1 9000 ; receipt id
pick take_out remove / goods stored_goods : Take goods out of the store | Record that goods were taken
article sku product : thing ; pieces units_taken how_many : int 1 200 ; ?for_order reference : id
> Take {pieces} {article} off the shelf[ for {for_order}]. | {pieces} {article} are needed at the dock[, reference {for_order}]. | I have just removed {pieces} {article} from the store. | Pick {pieces} {article}[ for {for_order}]
= left int 0 900 ; status enum picked/not enough
count check / goods amount_in_store : Check how much of an article is in store | Count the goods of a kind
article sku product : thing
> How many {article} do we have left? | Are there still any {article}? | Check the {article} on our shelves. | {article}: how many in store?
= on_hand int 0 900 ; shelf id
set change / reorder_point smallest_amount : Set when goods are ordered again | Change the lowest number of an article in store
article sku product : thing ; minimum level at_least : int 5 300
> Order {article} again when fewer than {minimum} are left. | There must always be {minimum} {article} on the shelf. | Minimum for {article}: {minimum} | We ran out of {article} again, never let it drop below {minimum}.
= status enum set/ok ; on_hand int 0 900
# assembly_line
start run / assembly_line production_line : Start a production line | Run a line to make a product
line line_number number : int 1 12 ; product item : thing ; ?pieces batch_size amount : int 50 5000
> Line {line} makes {product} today[, {pieces} of them]. | Start line {line} with {product}[, {pieces} pieces]. | Can we run {product} on line {line}? | {product} on number {line}[, batch of {pieces}] please
= status enum running/blocked ; ready_at time
stop halt / assembly_line production_line : Stop a production line | Halt a line at once
line line_number number : int 1 12 ; ?cause reason : enum jam/missing parts/accident/shift change
> Stop line {line}[, {cause}]! | Line {line} must not run any more. | Something is burning at line {line}! | Halt number {line}[, cause: {cause}].
= status enum stopped/ok ; made int 0 5000
set change / line_speed belt_speed : Set the speed of a production line | Make a line faster or slower
line line_number number : int 1 12 ; per_hour speed pieces : int 20 900
> Line {line} should make {per_hour} an hour. | Run line {line} at {per_hour} pieces per hour. | {per_hour} an hour is all that line {line} can bear. | Speed of line {line}: {per_hour}
= status enum set/too fast ; before int 20 900
report log record / defect faulty_part : Report a faulty part | Record a defect from a line
line line_number number : int 1 12 ; defect kind problem : enum scratch/crack/wrong color/wrong size/dirt ; ?pieces how_many : int 2 80
> Line {line} gave us parts with a problem, {defect}[, {pieces} of them]. | Defect at line {line}, {defect}[, {pieces} pieces] | Quality check found this on line {line}: {defect}. | [{pieces} parts, ]{defect}, from line {line} again
= report_id id ; today int 1 90
# machine_upkeep
schedule plan / maintenance machine_check : Plan the maintenance of a machine | Schedule a check of a machine
machine device name : noun ; date day on : date ; ?technician mechanic by : first ; ?hours duration : int 1 9
> The {machine} needs its yearly check on {date}[, {technician} does it]. | Plan maintenance for the {machine} on {date}[, {hours} hours]. | {technician} will look after the {machine} on {date}. | On {date} we oil and clean the {machine}[ for {hours} hours].
= job_number id ; status enum planned/conflict
report log / breakdown machine_failure : Report that a machine broke down | Log the failure of a machine
machine device name : noun ; ?error_code code : id ; ?urgent at_once : bool urgent/not urgent
> The {machine} is dead[, it shows {error_code}]. | Our {machine} makes a terrible noise and has stopped[, {urgent}]. | Breakdown of the {machine}[, code {error_code}][, {urgent}] | The {machine} won't start any more[, error {error_code}].
= job_number id ; arrives time
order request / spare_part replacement_part : Order a spare part for a machine | Request a replacement part
part piece name : noun ; machine device for_machine : pseudo ; ?pieces how_many : int 2 30
> We need a new {part} for {machine}. | The {part} of {machine} is worn out, get us another[, better {pieces}]. | Spare part for {machine}, the {part}[, {pieces} pieces] | Replace the {part} in {machine} please, we have none left.
= arrives date ; cost num 5 900
get read show / operating_hours machine_hours : Show how long a machine has run | Read the hours of a machine
machine device name : noun
> How long has the {machine} been running in all? | Hours on the {machine}? | Is the {machine} old? Look at its hours. | Read the hour counter of the {machine}.
= hours int 5 30000 ; next_check date
# robot_arm
move drive / robot_arm gripper_position : Move a robot arm to a position | Drive the gripper to a point
x left_right : int 0 400 ; y front_back : int 0 400 ; z height up : int 0 300 ; ?speed pace : enum slow/normal/fast
> Move the arm to {x}, {y}, {z}[ at {speed} speed]. | Gripper to x {x}, y {y} and height {z}[, {speed}] | I want the arm at {x} / {y}, {z} above the table. | Drive to ({x}, {y}, {z})[, {speed}].
= status enum arrived/blocked ; seconds num 0 20
grip grab pick_up / robot_object workpiece : Grip an object with the robot | Let the robot pick a thing up
thing what workpiece : noun ; ?force newton strength : int 1 90
> Pick up the {thing}[ with {force} newton]. | Let the robot take the {thing}. | Grab the {thing}[, force {force}], but don't break it. | The {thing} should be in the gripper[, {force} N].
= status enum gripped/slipped ; weight int 5 900
release drop put_down / robot_object workpiece : Open the gripper of the robot | Let the robot put down what it holds
> Let go. | Open the gripper now. | Put down what you hold. | The robot can drop it here. | Release the part please
= status enum released/empty ; height int 0 300
teach record save / robot_motion movement : Teach the robot a movement | Save the robot's last movement under a name
name motion_name label : pseudo ; ?repeat times : int 2 50
> Remember this movement as {name}[ and repeat it {repeat} times]. | Teach the robot {name}. | Save what the arm did just now, call it {name}. | That was good! Keep the motion as {name}[, {repeat} repeats].
= motion_id id ; points int 3 80
# drone
send fly launch / drone quadcopter : Fly a drone to a place | Send a drone somewhere at a height
destination place to : address ; height altitude meters : int 10 120 ; ?camera record : bool filming all the way/with the camera off
> Fly the drone to {destination} at {height} meters[, {camera}]. | Send the quadcopter over to {destination}, height {height}[, {camera}]. | I'd like to see {destination} from {height} meters up. | {destination}, {height} m, take off[, {camera}]!
= battery int 5 100 ; minutes int 1 30
land bring_back / drone quadcopter : Land the drone | Bring the drone back home
> Bring it back home. | The wind is too strong, land! | Land the drone please. | Get that quadcopter down now | Enough flying for today
= status enum landed/landing ; battery int 1 100
photograph map survey_area_of / ground land_strip : Photograph the ground with a drone | Map a piece of ground from the air
place site name : city ; hectares size : int 1 90 ; ?overlap percent : int 40 90
> Map {hectares} hectares near {place}[ with {overlap} percent overlap]. | Take photos of the ground at {place}, {hectares} hectares[, overlap {overlap}]. | We need {place} from above, {hectares} ha in all. | Aerial shots for {place}: {hectares} hectares
= photos int 20 900 ; archive file
set limit / drone_ceiling max_height : Set the greatest height of a drone | Limit how high a drone may fly
meters height maximum : int 20 120
> Never higher than {meters} meters with the drone. | The law says {meters} meters, so set that for the quadcopter. | Drone ceiling: {meters} m | Limit the flying height to {meters}.
= status enum set/ok ; before int 20 120
# lab_samples
register add log_in / sample lab_sample : Register a sample in the lab | Log a new sample in
sample_id code label : id ; material kind type : enum blood/water/soil/tissue/saliva ; ?taken_on date : date ; ?taken_by collector : person
> {sample_id} is a {material} sample[ from {taken_on}]. | Register {sample_id}, {material}[, taken by {taken_by}][ on {taken_on}]. | A new {material} tube with the label {sample_id} is here. | {taken_by} brought us {material}, label {sample_id}.
= status enum registered/exists ; shelf id
analyze examine measure_in / sample lab_sample : Order the analysis of a sample | Have a sample examined for something
sample_id code label : id ; method analysis kind : enum DNA/pH/metals/bacteria/sugar ; ?rush express : bool as a rush job/with normal priority
> Examine {sample_id} for {method}[, {rush}]. | What does {sample_id} say about {method}? | Run {method} on {sample_id}[ {rush}]. | The doctors wait for {method} from sample {sample_id}[, do it {rush}].
= ready date ; order_number id
freeze store_away keep / sample lab_sample : Store a sample in the freezer | Freeze a sample at a temperature
sample_id code label : id ; degrees cold at : int -80 -5 ; ?box container : id
> Keep {sample_id} at {degrees} degrees[ in box {box}]. | Into the freezer with {sample_id}, {degrees} C[, box {box}]. | {sample_id} spoils if it is warmer than {degrees}. | Freeze {sample_id} to {degrees}[ ({box})]
= status enum stored/full ; position id
discard destroy throw_away / sample lab_sample : Discard a sample | Throw a sample away for good
sample_id code label : id ; ?reason why : enum too old/broken tube/no consent/wrong label
> {sample_id} can be thrown away[, {reason}]. | Destroy sample {sample_id}[ ({reason})]. | The tube {sample_id} is useless[, {reason}], into the bin. | Discard {sample_id} please
= status enum discarded/locked ; left int 0 900
# hospital
admit register take_in / patient hospital_patient : Admit a patient to a ward | Register a patient in the hospital
patient name full_name : person ; ward department unit : enum surgery/cardiology/pediatrics/emergency/neurology ; ?diagnosis reason : enum fracture/infection/stroke/asthma
> {patient} comes to {ward}[ with {diagnosis}]. | Admit {patient} to {ward}[, diagnosis {diagnosis}]. | The ambulance has brought {patient}, {ward} please[, looks like {diagnosis}]. | {ward} gets a new patient, {patient}.
= bed id ; case_number id
discharge send_home release / patient hospital_patient : Discharge a patient | Let a patient go home
patient name full_name : person ; ?date day on : day ; ?with_letter report : bool with a letter for the doctor/without a letter
> {patient} may go home[ {date}]. | Discharge {patient}[ {with_letter}]. | {patient} is well again[ and leaves {date}]. | Let {patient} leave the hospital[ {date}][, {with_letter}].
= status enum discharged/not allowed ; days int 1 60
transfer move / patient hospital_patient : Move a patient to another ward | Transfer a patient between wards
patient name full_name : person ; to_ward new_ward target_unit : enum surgery/cardiology/pediatrics/emergency/neurology
> {patient} has to go over to {to_ward}. | Move {patient} to {to_ward}. | {to_ward} should take {patient} from us. | Transfer for {patient}, now {to_ward}
= bed id ; status enum moved/no bed
find count check / free_beds ward_beds : Count the free beds of a ward | Check if a ward has beds left
ward department unit : enum surgery/cardiology/pediatrics/emergency/neurology
> Any bed left in {ward}? | How full is {ward}? | Free beds in {ward}? | Can {ward} take one more?
= free int 0 20 ; total int 10 60
# prescriptions
prescribe write issue / medical_prescription medicine : Prescribe a medicine to a patient | Write a prescription
patient for_person name : person ; medicine drug substance : pseudo ; dose_mg milligrams strength : int 5 900 ; ?times_daily per_day : int 1 4
> {patient} should take {medicine}, {dose_mg} mg[, {times_daily} times a day]. | Prescribe {dose_mg} mg of {medicine} to {patient}[, {times_daily} a day]. | {medicine} {dose_mg} mg for {patient} | Write {patient} a prescription, {dose_mg} milligrams {medicine}[ {times_daily} times daily].
= prescription_id id ; valid_until date
renew repeat extend / medical_prescription medicine : Renew a prescription | Extend a prescription by some days
prescription_id number id : id ; ?days period : int 7 90
> {prescription_id} has run out, once more please[ for {days} days]. | Renew {prescription_id}[ for {days} days]. | The patient needs more of {prescription_id}. | Repeat prescription {prescription_id}[, {days} days]
= valid_until date ; status enum renewed/see doctor
check compare / drug_interaction medicine_pair : Check if two medicines go together | Find out if two drugs harm each other
first_drug drug_a one : pseudo ; second_drug drug_b other : pseudo
> Can I give {first_drug} together with {second_drug}? | Is {first_drug} dangerous with {second_drug}? | She takes {first_drug} and now wants {second_drug}. Is that safe? | Check {first_drug} against {second_drug}.
= risk enum none/mild/severe ; advice message
# school_office
enroll admit register / school_child new_pupil : Enroll a pupil at the school | Register a new pupil in a grade
pupil name child : person ; grade year level : int 1 12 ; ?start first_day from : date ; ?parent_phone contact_number : phone
> {pupil} joins grade {grade}[ from {start}]. | Enroll {pupil} in year {grade}[, parents at {parent_phone}]. | We have a new child, {pupil}, for grade {grade}[, starting {start}]. | Grade {grade} gets {pupil}[ on {start}]
= pupil_number id ; status enum enrolled/waiting
excuse mark_absent report_absence_of / school_child absent_pupil : Record that a pupil is absent | Excuse a pupil for a day
pupil name child : person ; date day on : day ; ?reason why : enum ill/dentist/family/bus
> {pupil} won't be at school {date}[, {reason}]. | {pupil} is missing {date}[, reason: {reason}]. | Excuse {pupil} for {date}[ ({reason})]. | My child {pupil} has to stay home {date}.
= absences int 1 30 ; status enum recorded/ok
move change / timetable_slot lesson_time : Move a lesson to another time | Change when a subject is taught
subject lesson course : enum physics/chemistry/English/geography/sports ; day weekday on : day ; time hour at : time
> {subject} is at {time} {day} instead. | The {subject} lesson is now {day}, {time}. | The {subject} teacher can only come {day} at {time}. | {day} {time}: {subject}
= status enum moved/conflict ; hall int 1 90
print_out issue write / school_certificate report_card : Issue the report card of a pupil | Write a school certificate
pupil name child : person ; term half : enum spring/summer/autumn/winter
> {pupil} needs the report card for {term}. | Issue the {term} certificate of {pupil}. | Report for {pupil}, {term} term | The parents of {pupil} want to see the marks of {term}.
= file file ; grade_average num 1 6
# leave_requests
request ask_for apply_for / leave days_off holiday : Ask for days off | Request holiday from one day to another
employee name person : person ; first_day start from : date ; last_day end to : date ; ?kind type : enum holiday/parental/study/unpaid
> {employee} wants to be off from {first_day} to {last_day}[, {kind}]. | Days off for {employee}, {first_day} until {last_day}[ ({kind})] | {employee} is away between {first_day} and {last_day}. | Could {employee} have leave from {first_day} till {last_day}[, type {kind}]?
= request_id id ; days int 1 30
approve accept grant / leave_request holiday_request : Approve a request for days off | Grant somebody's holiday
request_id number id : id ; ?comment note : message
> {request_id} is fine with me[, tell them "{comment}"]. | Approve the leave {request_id}. | Yes to {request_id}[, with the note "{comment}"]. | They may go, grant {request_id}
= status enum approved/ok ; left int 0 30
reject refuse deny / leave_request holiday_request : Refuse a request for days off | Deny somebody's holiday
request_id number id : id ; reason why because : enum too busy/too late/no days left/others are away
> {request_id} is not possible, {reason}. | Refuse {request_id} because: {reason} | Sorry, no leave for {request_id}, {reason}. | We can't grant {request_id}. Reason: {reason}.
= status enum rejected/ok ; notified enum yes/no
count get check / leave_balance remaining_days : Count the days off that are left | Check how much holiday somebody has
employee name person : person ; ?year in_year : int 2022 2030
> How many days off has {employee} left[ in {year}]? | Remaining holiday of {employee}[, {year}] | Can {employee} still take time off[ in {year}]? | Has {employee} used up all the leave?
= days int 0 30 ; taken int 0 30
# recruiting
add enter save / candidate applicant : Add a candidate for a position | Save a new applicant
name full_name candidate : person ; position role opening : job ; ?cv resume document_path : file ; ?referred_by source_person : first
> {name} has applied as {position}[, the CV is {cv}]. | New candidate for {position}, {name}[, {referred_by} knows them]. | {name} would like to work for us as a {position}[, see {cv}]. | Add {name} ({position})[, recommended by {referred_by}]
= candidate_id id ; status enum new/known
invite ask schedule / interview candidate_talk : Invite a candidate to an interview | Schedule a talk with an applicant
candidate applicant name : person ; date day on : date ; ?time hour at : time ; ?interviewer with host : first
> I'd like to meet {candidate} on {date}[ at {time}]. | Interview with {candidate}, {date}[ {time}][, {interviewer} asks the questions] | Ask {candidate} to come in on {date}[ at {time}]. | {candidate} looks good, {date} would suit us for a talk[, with {interviewer}].
= status enum invited/declined ; link url
hire employ take_on / candidate applicant new_employee : Hire a candidate | Record that someone was hired
candidate applicant name : person ; position role as_job : job ; ?salary yearly_pay : int 20000 99000 ; ?start first_day : date
> We hired {candidate} as {position}[ for {salary}]. | {candidate} is our new {position}[ from {start}]. | We take {candidate}, {position}[, {salary} a year][, start {start}]. | The job of {position} goes to {candidate}[ for {salary} a year].
= employee_number id ; status enum hired/contract sent
turn_down decline reject / candidate applicant : Turn a candidate down | Tell an applicant that it will not work out
candidate applicant name : person ; ?reason why : enum too junior/too expensive/position filled/no permit
> Sadly not {candidate}[, {reason}]. | {candidate} won't get the job[, {reason}]. | Turn {candidate} down[ ({reason})]. | Write {candidate} a kind no[, the reason is {reason}].
= status enum declined/ok ; left int 0 40
# court_cases
open file start / court_case lawsuit : Open a case for a client | Start a lawsuit against a party
client plaintiff our_side : person ; opponent defendant against : company ; ?subject matter about : phrase ; ?lawyer attorney : person
> {client} wants to sue {opponent}[ over {subject}]. | New case, {client} against {opponent}[, {lawyer} leads it]. | Open a file for {client} versus {opponent}[, matter {subject}]. | {opponent} has wronged our client {client}[ in the matter of {subject}].
= case_number id ; status enum open/conflict
set enter / court_date hearing : Set the hearing of a case | Enter a court date
case_number case id : id ; date day on : date ; ?time hour at : time ; ?courtroom hall : int 1 60
> {case_number} will be heard on {date}[ at {time}]. | Court date for {case_number}, {date}[, hall {courtroom}]. | The judge wants to see us on {date}[, {time}] for {case_number}. | Hearing {date}[ {time}], case {case_number}
= status enum saved/conflict ; days_left int 1 300
log record bill / lawyer_hours working_hours : Record hours for a case | Log the time a lawyer worked
case_number case id : id ; hours time_spent amount : num 0 12 ; ?activity work : enum research/writing/court/call
> I spent {hours} hours on {case_number}[, {activity}]. | {hours} hours of {activity} for case {case_number} | Log {hours} hours for {case_number}[ ({activity})]. | {case_number} took {hours} hours of my day.
= total_hours num 1 300 ; rate int 90 600
search find / court_rulings precedents : Search for rulings on a topic | Find earlier decisions of courts
topic about question : phrase ; ?court level : enum local/regional/supreme ; ?since_year after from_year : int 1950 2024
> How have courts decided on {topic}?[ Only {court} ones.] | Find rulings about {topic}[ since {since_year}]. | Is there a precedent on {topic}[ from the {court} court]? | Judgments on {topic}[, {since_year} or later]
= count int 0 90 ; newest id
# contracts
draft write prepare / contract agreement : Draft a contract with a company | Prepare an agreement
partner company with_party : company ; kind type : enum service/supply/license/secrecy ; ?months duration term : int 2 60 ; ?starts begin valid_from : date
> We need a {kind} agreement with {partner}[ for {months} months]. | Draft a {kind} contract for {partner}[, valid from {starts}]. | {partner} expects our {kind} contract[, it should run {months} months]. | {kind} agreement, {partner}[, {months} months][, from {starts}]
= contract_id id ; file file
sign / contract agreement : Sign a contract for a person | Put a signature on an agreement
contract_id contract id : id ; signer person by : person
> {signer} signs {contract_id}. | Put the signature of {signer} on {contract_id}. | {contract_id} is fine, {signer} can sign. | Sign {contract_id} in the name of {signer}.
= status enum signed/waiting ; at time
terminate cancel end / contract agreement : End a contract on a date | Terminate an agreement
contract_id contract id : id ; date end_date on : date ; ?reason why : enum too expensive/no longer needed/breach/merger
> {contract_id} should end on {date}[, {reason}]. | We get out of {contract_id} on {date}[, reason: {reason}]. | Terminate {contract_id} as of {date}[ ({reason})]. | No more {contract_id} after {date}
= status enum ended/too late ; notice_days int 10 120
list show / expiring_contracts contract_deadlines : List contracts that end soon | Show which agreements run out
within_days days period : int 7 365
> Which contracts run out in the next {within_days} days? | Show agreements that end within {within_days} days. | What do we have to renew in {within_days} days? | Expiring contracts, {within_days} days ahead
= count int 0 40 ; next company
# ledger
book post enter / ledger_entry journal_entry : Post an entry to the ledger | Book an amount from one ledger side to the other
debit debit_side from : enum cash/inventory/wages/rent/equipment ; credit credit_side to : enum sales/suppliers/capital/taxes ; amount sum value : num 10 9000 ; ?remark memo_line : message
> Book {amount} from {debit} to {credit}[ with the remark "{remark}"]. | {debit} to {credit}, {amount}[, "{remark}"] | Post {amount}, debit {debit}, credit {credit}. | Debit {debit} and credit {credit} by {amount}[, remark: {remark}].
= entry_id id ; status enum booked/unbalanced
reverse undo / ledger_entry journal_entry : Reverse an entry of the ledger | Undo a booking
entry_id entry id : id ; ?date booked_on : date
> {entry_id} was booked by mistake. | Reverse {entry_id}[ on {date}]. | Undo the booking {entry_id}[, dated {date}]. | The entry {entry_id} is wrong, take it back[ as of {date}].
= reversal_id id ; status enum reversed/period closed
close lock / accounting_period fiscal_month : Close a month of the ledger | Lock a fiscal month
month period : int 1 12 ; year : int 2020 2030
> Close month {month} of {year}. | No more bookings in {month}/{year}. | We have finished month {month}, {year}, lock it. | The ledger for {month}-{year} is done
= status enum closed/open entries ; entries int 2 900
report compute show / profit_and_loss profit_statement : Show profit and loss of a year | Report what was earned
year : int 2015 2026 ; ?quarter q : int 1 4
> Did we make money in {year}[, quarter {quarter}]? | Profit and loss {year}[ Q{quarter}] | What is left over from {year}[, only quarter {quarter}]? | Show how {year} went for us in numbers[, Q{quarter}].
= profit num 10 90000 ; revenue num 1000 99000
# customs
declare submit / customs_goods import_declaration : Declare goods at the customs | Submit an import declaration
goods content product : thing ; origin country_of_origin from : country ; value worth amount : int 50 90000 ; ?weight_kg kilos : int 2 900
> We import {goods} from {origin} worth {value}[, {weight_kg} kilos]. | Declare {goods}, origin {origin}, {value} dollars[, {weight_kg} kg]. | {value} dollars of {goods} arrive from {origin}[, weight {weight_kg} kg]. | Customs: {goods} out of {origin}, value {value}
= declaration_id id ; duty num 5 900
calculate estimate compute / customs_duty import_duty : Calculate the customs duty for goods | Estimate what an import costs at the border
goods content product : thing ; to_country destination into : country ; value worth amount : int 50 90000
> What does {to_country} charge at the border for {goods} worth {value}? | Duty on {goods}, {value} dollars, into {to_country} | How expensive is it to bring {goods} for {value} to {to_country}? | Estimate customs on {value} dollars of {goods} for {to_country}.
= duty num 5 9000 ; percent num 0 30
check get show / customs_clearance declaration_state : Check where a declaration stands | Show if goods are cleared
declaration_id declaration id : id
> Is {declaration_id} through the customs? | {declaration_id} is still at the border, why? | Have they cleared {declaration_id}? | State of declaration {declaration_id}
= status enum cleared/held/inspection ; office city
find look_up / tariff_number commodity_code : Find the tariff number of a product | Look up the customs code of goods
product goods item : noun
> Which tariff number has a {product}? | Under what code do I declare a {product}? | Look up the {product} in the tariff. | Customs code for: {product}
= number int 1000 99999 ; rate num 0 20
# freight
book reserve / freight cargo_space : Book space on a ship | Reserve freight from port to port
from_port origin loading_port : city ; to_port destination unloading_port : city ; boxes sea_containers amount : int 1 90 ; ?sails departure leave_on : date
> {boxes} containers from {from_port} to {to_port}[, leaving {sails}]. | Ship {boxes} boxes out of {from_port}, bound for {to_port}[ on {sails}]. | I need space for {boxes} containers, {from_port} to {to_port}. | Freight {from_port} - {to_port}, {boxes} units[, {sails}]
= booking id ; ship title
compare find / freight_rates cargo_prices : Compare what carriers ask for freight | Find the rates between two ports
from_port origin loading_port : city ; to_port destination unloading_port : city ; ?mode by : enum sea/air/rail/road
> What does cargo from {from_port} to {to_port} cost[ by {mode}]? | Freight rates {from_port} to {to_port}[, {mode}] | Who is cheapest for goods from {from_port} to {to_port}?[ They go by {mode}.] | Compare carriers to {to_port} out of {from_port}[ ({mode})].
= cheapest company ; price int 200 9000
locate find where_is / ship cargo_ship : Locate a ship at sea | Find out where a ship is
ship name ship_name : title
> Where is {ship} now? | Position of {ship} please | Has {ship} left the harbor yet? | I wonder how far {ship} has come.
= near city ; knots num 3 30
report log / cargo_damage damaged_goods : Report damaged cargo | Log that goods were broken on the way
booking reference id : id ; damage kind : enum water/broken/missing/mold ; ?photo picture_path : file
> Cargo {booking} has arrived damaged, {damage}[, see {photo}]. | Damage to {booking}: {damage}[, photo {photo}] | We opened {booking} and noted "{damage}"[, the picture is {photo}]. | Log {damage} for the freight {booking}.
= report_id id ; status enum logged/ok
# trucks
assign send dispatch / truck lorry : Send a truck with a load to a city | Assign a truck to a job
truck truck_id plate : id ; destination to city : city ; ?driver person : first ; ?load cargo goods : thing
> {truck} goes to {destination}[ with {load}]. | Send truck {truck} to {destination}[, {driver} drives]. | {driver} takes [the {load} in ]{truck} to {destination}. | We need {truck} in {destination}[ carrying {load}].
= job_number id ; arrives time
locate find where_is / truck lorry : Show where a truck is | Locate a truck on the road
truck truck_id plate : id
> Where is truck {truck}? | How far has {truck} come? | {truck} is late, where on earth is it? | Locate {truck}
= near city ; speed int 0 110
log record enter / refueling diesel_stop : Record that a truck was refueled | Log the diesel of a truck
truck truck_id plate : id ; liters amount quantity : int 20 900 ; ?cost price : num 30 900 ; ?odometer mileage : int 1000 900000
> {truck} took {liters} liters[ for {cost}]. | I filled up {truck}, {liters} l[, odometer at {odometer}]. | {liters} liters of diesel for {truck}[, {cost} dollars][, {odometer} km] | Diesel {truck}: {liters}
= per_100_km num 15 45 ; entry id
schedule plan book / truck_inspection lorry_repair : Plan the inspection of a truck | Schedule a repair in the garage
truck truck_id plate : id ; date day on : date ; ?work kind : enum brakes/tires/oil/lights
> {truck} must go to the garage on {date}[, {work}]. | Inspection of {truck} on {date}[ ({work})] | Someone should look at the {work} of {truck} on {date}. | Plan {date} for {truck} in the garage[, they should do the {work}].
= status enum planned/full ; garage company
# construction
order deliver request / concrete building_material : Order building material to a site | Have material brought to the building site
material what kind : enum concrete/sand/steel/timber/tiles ; tons amount quantity : num 1 90 ; site place building_site : address ; ?date day on : date
> {tons} tons of {material} to {site}[ on {date}]. | The men at {site} need {tons} t of {material}[ by {date}]. | {site} has run out of {material}, send {tons} tons. | Order {material}, {tons} tons, for the site {site}[, {date}].
= order_number id ; truckloads int 1 20
report log file / site_accident accident_report : Report an accident on a building site | Log that somebody got hurt
site place building_site : address ; injured who person : person ; ?injury harm : enum cut/fall/burn/broken arm
> {injured} got hurt at {site}[, {injury}]. | Accident on the site {site}, {injured}[, {injury}]! | There has been an accident at {site}. {injured} is hurt[ ({injury})]. | {injured} had to leave {site} with an injury[, {injury}].
= report_id id ; status enum filed/ok
update set record / building_progress stage_of_works : Record how far a building is | Update the progress of a site
site place building_site : address ; stage phase : enum foundation/walls/roof/interior ; percent done progress : int 5 100
> The {stage} at {site} is {percent} percent done. | {site}: {stage} {percent}% | We have got {percent} percent of the {stage} at {site}. | Progress for {site}, {stage}, now at {percent} percent.
= total int 1 100 ; delay_days int 0 60
rent hire reserve / crane digger building_machine : Rent a machine for a building site | Reserve a crane or digger
machine kind what : enum crane/digger/mixer/bulldozer/lift ; days duration for_days : int 1 60 ; site place building_site : address
> We need a {machine} at {site} for {days} days. | Rent a {machine}, {days} days, to {site}. | Nothing moves at {site} without a {machine}, get one for {days} days. | {site} wants a {machine} ({days} days).
= cost num 90 9000 ; company company
# solar_power
show get read / solar_output panel_yield : Show what the panels produced | Get the yield of a solar roof on a day
site power_station array : noun ; date day on : date
> How much sun did the {site} catch on {date}? | Yield of the {site} on {date} | What did the panels of the {site} make on {date}? | {date}, the {site}, how many kilowatt hours?
= kwh num 0 90 ; peak_kw num 0 20
set change / battery_reserve storage_limit : Set how much the home battery keeps back | Change the reserve of the storage
percent reserve level : int 5 90 ; ?season time_of_year : enum summer/winter/all year
> Always keep {percent} percent in the battery[, {season}]. | Battery reserve {percent}[ for {season}] | I am afraid of blackouts, hold back {percent} percent. | Let the storage never drop under {percent} percent[ ({season})].
= status enum set/ok ; charge int 5 100
sell feed export / surplus_power extra_energy : Sell surplus energy to the grid | Feed power into the grid
kwh kilowatt_hours amount : num 1 90 ; ?lowest_price minimum at_least : num 0 1
> Sell {kwh} kWh to the grid[ for at least {lowest_price}]. | We have {kwh} kilowatt hours too much, get rid of them. | Feed {kwh} kWh in[, not under {lowest_price}]. | {kwh} kWh of our power may go to the neighbors[ at {lowest_price} or more].
= earned num 0 40 ; status enum sold/offered
report log / panel_fault solar_defect : Report a fault of a solar panel | Log that a panel does not work
panel panel_number id : id ; fault problem kind : enum cracked/dirty/dark/too hot
> Panel {panel} is {fault}. | I looked at {panel} on the roof, it is {fault}. | "{fault}" is what I wrote down about panel {panel}. | Fault at {panel} ({fault})
= report_id id ; status enum reported/known
# cad
draw add create / cylinder round_body : Add a cylinder to a drawing | Draw a round body
radius r : num 1 90 ; height h length : num 1 200 ; ?name label part_name : noun ; ?material made_of : enum steel/aluminum/plastic/wood
> A cylinder please, radius {radius}, {height} high[, of {material}]. | Draw a round body with radius {radius} and height {height}[ and name it {name}]. | Cylinder r={radius} h={height}[, {material}] | I need something round, {height} tall with a radius of {radius}[, called {name}].
= part_id id ; cubic_mm num 3 9000
draw add create / box cuboid : Add a box to a drawing | Draw a cuboid
width w : num 1 200 ; depth d : num 1 200 ; height h : num 1 200 ; ?name label part_name : noun
> A box {width} wide, {depth} deep and {height} high[, name {name}]. | Draw a cuboid of {width} by {depth} by {height}[ called {name}]. | Box: {width} x {depth} x {height} | Put in a block, width {width}, depth {depth}, height {height}.
= part_id id ; cubic_mm num 3 9000
drill cut bore / hole drill_hole : Drill a hole in a part | Cut a round hole
part part_id in : id ; diameter size d : num 1 40 ; ?depth deep : num 1 90 ; ?thread threaded : bool with a thread/without a thread
> Drill a {diameter} mm hole in {part}[, {depth} deep]. | {part} needs a hole, diameter {diameter}[, {thread}]. | A screw of {diameter} mm has to go through {part}. | Hole in {part}, {diameter} across[ and {depth} deep][, {thread}]
= hole_id id ; status enum cut/too large
export save / drawing cad_model : Export a drawing for other programs | Save a CAD model in a format
drawing model name : pseudo ; format kind : enum STEP/DXF/STL/IGES
> The shop wants {drawing} as {format}. | Export {drawing} to {format}. | Give me {drawing} in the format {format}. | {drawing} -> {format} please
= file file ; size_kb int 10 9000
# mesh_3d
load import open_up / mesh scan : Load a mesh from disk | Import a 3D scan
path mesh_path location : file ; ?unit : enum mm/cm/inch ; ?center centered : bool centered/where it is
> Load the scan {path}[ in {unit}]. | Import {path} as a mesh[, {center}]. | I have a 3D scan in {path}[, the unit is {unit}]. | Bring {path} into the viewer[, {center}].
= mesh_id id ; faces int 100 90000
simplify reduce thin_out / mesh triangles : Reduce the triangles of a mesh | Simplify a mesh to a number of faces
mesh mesh_id id : id ; faces triangles_left goal_count : int 100 90000
> {mesh} is too heavy, {faces} triangles will do. | Simplify {mesh} to {faces} faces. | Thin {mesh} out until {faces} triangles are left. | No more than {faces} faces in {mesh} please
= before int 100 90000 ; error num 0 2
smooth / mesh mesh_surface : Smooth the surface of a mesh | Make a rough mesh smooth
mesh mesh_id id : id ; rounds iterations times : int 1 30 ; ?keep_edges sharp : bool keeping sharp edges/rounding the edges
> {mesh} looks rough, smooth it {rounds} times[, {keep_edges}]. | {rounds} rounds of smoothing for {mesh}[, {keep_edges}] | Make the surface of {mesh} nicer, {rounds} passes. | Smooth {mesh} with {rounds} rounds[ {keep_edges}].
= status enum smoothed/ok ; change num 0 5
paint color texture / mesh mesh_surface : Paint a mesh in a color | Give a mesh a color and a finish
mesh mesh_id id : id ; color colour tint : color ; ?finish look : enum matte/glossy/metallic
> Make {mesh} {color}[, {finish}]. | I want {mesh} in {color}[ with a {finish} finish]. | {color} suits {mesh} better[, and {finish}]. | Paint {mesh} {color}
= status enum painted/ok ; preview file
# map_layers
add load put / map_layer geodata : Add a layer to the map | Load geodata into the map
layer theme what : enum roads/rivers/forests/buildings/borders ; region area_name place : country ; ?opacity percent : int 5 95
> Show the {layer} of {region}[ at {opacity} percent]. | I want to see {layer} for {region} on the map. | Load {layer}, {region}[, opacity {opacity}]. | Put what {region} has in {layer} on my map[ with {opacity}% opacity]
= layer_id id ; shapes int 3 9000
hide remove take_off / map_layer overlay : Hide a layer of the map | Take a layer off the map
layer theme what : enum roads/rivers/forests/buildings/borders
> Too much on the map, no {layer} please. | Hide the {layer}. | I don't want to see {layer}. | Map without {layer}
= status enum hidden/not shown ; left int 0 9
drop set place / geo_pin marker : Put a pin on the map | Place a marker at a spot
latitude lat north : num 1 80 ; longitude lon east : num 1 170 ; ?label caption name : title ; ?color colour : color
> Pin at {latitude}, {longitude}[ named {label}]. | Mark the spot {latitude} north, {longitude} east[ in {color}]. | Something was found at lat {latitude}, lon {longitude}[, call it {label}]. | Put a [{color} ]marker at {latitude} / {longitude}.
= pin_id id ; nearest city
zoom center go_to / map_view map_section : Center the map on a place | Zoom the map
place city center_on : city ; ?scale zoom_level : int 1 20
> Let me see {place} on the map[, zoom {scale}]. | Center on {place}[ at zoom level {scale}]. | Zoom in on {place}[ to {scale}]. | Map of {place} please[, level {scale}]
= scale int 1 20 ; status enum centered/not found
# experiments
record add log / reading data_point : Record a reading of an experiment | Add a data point
experiment run_name series : pseudo ; value number reading : num 0 300 ; ?unit : enum volt/gram/kelvin/pascal ; ?minute taken_after : int 1 90
> {experiment} shows {value}[ {unit}]. | Write down {value}[ {unit}] for {experiment}[ after minute {minute}]. | New point in {experiment}: {value}[, minute {minute}] | I have just read {value} off {experiment}.
= points int 1 900 ; mean num 0 300
fit / curve trend_line : Fit a curve to the data of an experiment | Find the trend in a series
experiment run_name series : pseudo ; model shape kind : enum linear/quadratic/exponential/sine ; ?skip_outliers robust : bool without the outliers/with all points
> Fit a {model} curve to {experiment}[ {skip_outliers}]. | Is {experiment} {model}?[ Look at it {skip_outliers}.] | {experiment} looks {model} to me, check that. | {model} fit, {experiment}[, {skip_outliers}]
= slope num 0 9 ; r_squared num 0 1
draw make show / histogram scatter_diagram : Draw the data of an experiment | Show a series as a picture
experiment run_name series : pseudo ; ?bins bars : int 5 80 ; ?logarithmic log_scale : bool on a log scale/on a linear scale
> How are the values of {experiment} spread?[ {bins} bars please.] | Histogram of {experiment}[ with {bins} bins][ {logarithmic}] | Let me see the data of {experiment}[ {logarithmic}]. | Draw {experiment}[ in {bins} bars]
= file file ; points int 5 900
compare test_difference_of / experiments test_series : Compare two experiments | Test if two series differ
first_run run_a one : pseudo ; second_run run_b other : pseudo ; ?alpha level : enum 0.1/0.05/0.01
> Is {first_run} really different from {second_run}?[ Level {alpha}.] | Compare {first_run} and {second_run}[ at {alpha}]. | Did {second_run} go better than {first_run}? | {first_run} against {second_run}[, alpha {alpha}]
= p_value num 0 1 ; different enum yes/no
# password_vault
save store add / password login_secret : Save a password for a site | Store a login in the vault
site website for_site : url ; login username user_name : email ; password secret pass : id ; ?note_text remark : message
> Keep this for {site}, login {login}, password {password}. | My login at {site} is {login} and the password is {password}. | Save {password} as my password for {site}, user {login}[, remark "{note_text}"]. | {site} / {login} / {password} into the vault please
= entry_id id ; strength enum weak/medium/strong
get find reveal / password login_secret : Get the password of a site | Reveal a stored password
site website for_site : url
> What was my password for {site}? | I can't get into {site}, how do I log in there? | Reveal the password of {site}. | Password {site} please
= password id ; login email
generate make create / strong_password passphrase : Make a new random password | Generate a strong password
length characters size : int 8 40 ; ?symbols special_characters : bool with symbols/only letters and digits
> A fresh password with {length} characters please[, {symbols}]. | Make up a password, {length} long[, {symbols}]. | I need something nobody can guess, {length} characters. | Generate {length} random characters[, {symbols}]
= password id ; bits int 30 200
check test_leak_of / leaked_password breach : Check if an address was part of a data leak | Look for stolen logins
address mail login : email
> Was {address} ever hacked? | Check {address} for leaks. | I got a strange mail, is {address} in stolen data? | Has anyone got the password of {address}?
= leaks int 0 9 ; latest date
lock close / vault password_vault : Lock the vault | Close the vault with all passwords
> Lock the vault. | I am leaving my desk, nobody may see my passwords. | Close the password vault please | Vault shut
= status enum locked/ok ; entries int 1 300
# access_rights
grant give assign / role permission : Give a person a role | Grant a permission in a system
person member colleague : first ; role right permission_name : enum reader/editor/owner/auditor/operator ; ?system in_app project : noun ; ?until expires : date
> {person} should be {role}[ in the {system}]. | Make {person} {role}[ until {until}]. | Give {person} the role {role}[ in the {system}][ up to {until}]. | {person} needs to work as {role}[ on the {system}].
= status enum granted/exists ; roles int 1 9
revoke withdraw take_away / role permission : Take a role away from a person | Revoke a permission
person member colleague : first ; role right permission_name : enum reader/editor/owner/auditor/operator ; ?reason why : enum left the team/abuse/audit/mistake
> {person} is no longer {role}[, reason: {reason}]. | Take the role {role} away from {person}[ ({reason})]. | {person} must not act as {role} any more. | Revoke {role} for {person}[, {reason}]
= status enum revoked/not found ; roles int 0 9
list show check / permissions person_rights : List what a person may do | Show the roles of a person
person member colleague : first ; ?system in_app project : noun
> What may {person} do[ in the {system}]? | Which rights has {person} got[ on the {system}]? | Show me the permissions of {person}. | Does {person} have too many rights?[ I mean in the {system}.]
= roles int 0 9 ; highest enum reader/editor/owner/auditor
require enforce switch / two_factor_login second_factor : Require a second factor for a role | Enforce two-factor login
role for_role group : enum reader/editor/owner/auditor/operator ; enabled required on : bool must use/need not use ; ?method by : enum app/key/text
> Every {role} {enabled} a second factor[, by {method}]. | From now on each {role} {enabled} two factors. | Any {role} {enabled} two-factor login[, by {method}]. | Two-factor: the {role} role {enabled} it
= status enum saved/ok ; affected int 1 300
# localization
add set enter / translated_string interface_text : Add the translation of an interface text | Set a string for a language
key string_key name : pseudo ; locale lang to_language : enum de/fr/es/pt/ja/pl ; text value translation : message ; ?context hint : phrase
> In {locale}, {key} reads "{text}". | Set {key} to "{text}" for {locale}[, context {context}]. | {key} ({locale}): {text} | The {locale} text of {key} is "{text}"[, hint: {context}].
= status enum saved/replaced ; missing int 0 300
list find show / missing_strings untranslated_texts : List texts without a translation | Find what is not translated yet
locale lang to_language : enum de/fr/es/pt/ja/pl ; ?module part : noun
> What is not yet translated to {locale}[ in the {module}]? | Untranslated texts for {locale}[, only {module}] | Our {locale} users still see English, what is missing?[ Look at the {module}.] | How far are we with {locale}?
= count int 0 900 ; first word
export download write / language_pack string_table : Export all texts of a language | Write the strings of a locale to disk
locale lang of_language : enum de/fr/es/pt/ja/pl ; ?format type : enum json/po/xliff/csv
> The translators want our {locale} texts[ as {format}]. | Export {locale}[ to {format}]. | Language pack {locale}[, {format}] please | Give me every string we have in {locale}[ in {format} form].
= file file ; strings int 20 9000
approve review accept / translated_string interface_text : Approve a translated text | Accept the translation of a string
key string_key name : pseudo ; locale lang of_language : enum de/fr/es/pt/ja/pl ; ?reviewer by : first
> The {locale} version of {key} is fine[, says {reviewer}]. | {reviewer} has read {key} in {locale}, it can go in. | Approve {key} for {locale}[, reviewer {reviewer}]. | {key}, {locale}: accepted[ by {reviewer}]
= status enum approved/ok ; left int 0 300
# web_forms
create build make / web_form questionnaire : Create a form | Build a questionnaire for a purpose
title heading name : title ; ?closes deadline last_day : date ; ?anonymous nameless : bool anonymous/with names
> A form called {title}[, {anonymous}][, open until {closes}]. | Build the questionnaire "{title}"[, {anonymous}]. | I want to ask people things, name it {title}[, it closes {closes}]. | New form {title}[ ({anonymous})]
= form_id id ; link url
add insert append / form_question input_box : Add a question to a form | Insert an input in a form
form_id form id : id ; question label text : message ; kind input_type answer_type : enum short answer/number/date/yes or no/choice ; ?mandatory must_answer : bool mandatory/voluntary
> Form {form_id} should also ask "{question}" as {kind}[, {mandatory}]. | Add "{question}" to {form_id}, type {kind}. | {form_id} needs one more, "{question}", {kind}[, {mandatory}]. | Ask "{question}" ({kind}) in form {form_id}[, {mandatory}].
= question_id id ; number int 1 40
count summarize show / form_answers responses : Show the answers to a form | Count how many people filled in a form
form_id form id : id ; ?since after from : date
> How many filled in {form_id}[ since {since}]? | What did people answer in {form_id}? | Summary of form {form_id}[ from {since} on] | Any responses to {form_id} yet?[ After {since}, I mean.]
= answers int 0 900 ; latest date
close end stop / web_form questionnaire : Close a form for answers | Stop a questionnaire
form_id form id : id ; ?goodbye_text closing_note : message
> {form_id} takes no more answers. | Close form {form_id}[ and show "{goodbye_text}"]. | Everybody has answered {form_id}, end it[ with the text "{goodbye_text}"]. | Time is over for {form_id}
= status enum closed/ok ; answers int 0 900
# web_shop
list add offer / article_for_sale shop_listing : Put an article into the web shop | List something for sale
name article headline : title ; price cost amount : num 1 300 ; ?pieces available_units : int 2 90 ; ?category section : enum clothes/toys/tools/kitchen/garden
> Sell {name} for {price}[ in {category}]. | {name} goes into our shop at {price}[, we have {pieces}]. | New in the shop: {name}, {price} dollars[, {category}][, {pieces} pieces] | Let's offer {name} at {price}[ under {category}].
= listing_id id ; link url
change set update / listing_price shop_price : Change the price in the web shop | Set what an article costs
listing_id listing id : id ; price new_price amount : num 1 300 ; ?until sale_ends : date
> {listing_id} now costs {price}[ until {until}]. | Nobody buys {listing_id}, let it go for {price}. | Set {listing_id} to {price}[, till {until}]. | {price} is the new price of {listing_id}[ up to {until}].
= old_price num 1 300 ; status enum changed/ok
create make issue / coupon discount : Create a coupon for the web shop | Make a discount that buyers can use
coupon coupon_text word_to_enter : pseudo ; percent discount off : int 5 70 ; ?valid_until ends : date ; ?minimum_order from_amount : int 10 200
> {percent} percent off with {coupon}[ until {valid_until}]. | Create the coupon {coupon}, {percent}%[, for orders over {minimum_order}]. | Whoever types {coupon} saves {percent} percent[, from {minimum_order} dollars]. | Coupon {coupon}: {percent} percent[, ends {valid_until}]
= coupon_id id ; status enum active/exists
refund return_money_for give_back / web_order shop_order : Refund an order of the web shop | Give a buyer the money back
order_number order id : id ; amount sum refund_amount : num 1 300 ; ?cause why : enum damaged/never arrived/wrong size/changed mind
> Give {amount} back for {order_number}[, {cause}]. | The buyer of {order_number} gets {amount} dollars back[, {cause}]. | Refund {amount} on {order_number}[ ({cause})]. | Order {order_number} made trouble[, {cause}], refund {amount}
= status enum refunded/failed ; left num 0 300
# call_center
log record note_down / phone_call hotline_call : Record a call with a caller | Log what a caller wanted
caller name who : person ; subject about wish : enum delivery/refund/password/contract/other ; ?minutes length duration : int 2 60 ; ?solved settled : bool solved/still open
> {caller} called about {subject}[, {solved}]. | Log a call from {caller}, {subject}[, {minutes} minutes]. | I had {caller} on the line because of {subject}[ for {minutes} minutes][, {solved}]. | Call: {caller}, subject {subject}
= call_id id ; today int 1 90
transfer pass put_through / phone_call hotline_call : Put a caller through to a team | Transfer a call
call_id call line : id ; team department to : enum billing/technical/returns/manager
> Put {call_id} through to {team}. | {call_id} is for {team}. | I can't help {call_id}, give them {team}. | Transfer call {call_id} to {team} please
= waiting int 0 30 ; status enum transferred/busy
schedule promise plan / callback return_call : Schedule a call back | Promise to call somebody again
number phone_number to : phone ; date day on : day ; ?time hour at : time ; ?agent colleague by : first
> Somebody should ring {number} {date}[ at {time}]. | Call {number} back {date}[, {agent} does it]. | I promised to phone {number} again {date}[ at {time}]. | Callback {number}, {date}[ {time}][, {agent}]
= callback_id id ; status enum planned/ok
show get check / waiting_callers hotline_load : Show how many callers wait | Check how busy the hotline is
> How many people are on hold? | Is the hotline busy? | Show the waiting callers. | Phones are ringing everywhere, how bad is it?
= waiting int 0 60 ; longest_minutes int 0 40
# elections
register enter add / voter voter_entry : Register a voter | Enter somebody in the list of voters
name full_name voter : person ; district precinct place : city ; ?birth_date born : date ; ?by_mail postal : bool by mail/in person
> {name} from {district} wants to vote[ {by_mail}]. | Register {name} in {district}[, born {birth_date}]. | {name} moved to {district} and must be on the list of voters there[, votes {by_mail}]. | New voter: {name}, {district}[, {birth_date}]
= voter_id id ; status enum registered/exists
nominate enter put_up / election_candidate nominee : Put up a candidate for an office | Nominate a person
candidate nominee name : person ; office post seat : enum mayor/council/senate/president ; ?party group list_name : company
> {candidate} runs for {office}[, backed by {party}]. | Nominate {candidate} for {office}[ ({party})]. | {party} puts up {candidate} for {office}. | {candidate} has the signatures to run for {office}[, party {party}]
= number int 1 40 ; status enum accepted/too late
report submit enter / vote_count district_result : Report the votes of a candidate in a district | Enter counted votes
district precinct place : city ; candidate nominee name : person ; votes ballots counted : int 5 9000
> {candidate} got {votes} votes in {district}. | {district} has been counted: {candidate} {votes} | In {district}, {votes} people chose {candidate}. | Enter {votes} votes for {candidate}, district {district}.
= total int 5 90000 ; share num 0 99
show get compare / turnout voter_turnout : Show how many people voted | Get the turnout of a district
district precinct place : city ; ?hour until at : time
> How many have voted in {district}[ by {hour}]? | Turnout in {district}[, {hour}] | Are people going to vote in {district}?[ Count until {hour}.] | {district} turnout[ at {hour}] please
= percent num 5 95 ; voters int 20 90000
# packages
install add get / code_package dependency : Install a package in the project | Add a dependency
package library_name name : pseudo ; ?version release : enum 1.0/2.1/3.4/latest ; ?dev development : bool for development only/for production too
> We need {package}[ {version}] here. | Install {package}[, version {version}][, {dev}]. | The import of {package} fails, get it[ in {version}]. | Add {package} to the project[ {dev}].
= version id ; status enum installed/conflict
upgrade update bump / code_package dependency : Upgrade a package to a newer version | Update a dependency
package library_name name : pseudo ; ?to_version release : enum 2.0/2.5/3.0/latest ; ?run_tests test_after : bool and run the tests/without running the tests
> {package} is ages old[, go to {to_version}]. | Bump {package}[ to {to_version}][ {run_tests}]. | Is there a newer {package}? Then take it[ {run_tests}]. | Upgrade {package}[, {to_version}]
= from_version id ; to_version id
uninstall remove drop / code_package dependency : Remove a package from the project | Drop a dependency
package library_name name : pseudo
> Nothing imports {package}, throw it out. | Uninstall {package}. | We want to get by without {package}. | Remove the dependency {package} please
= status enum removed/still needed ; freed_mb num 0 300
audit scan check / dependencies security_holes : Check the packages of the project for known holes | Scan dependencies for security problems
> Are any of our packages unsafe? | Scan the dependencies for known holes. | Is there something dangerous among our libraries? | Security audit of the project please
= holes int 0 40 ; worst word
# training_runs
start launch train / training_run learning_job : Train a model on a data set | Start a training run
model model_name architecture : pseudo ; dataset data corpus : noun ; ?epochs rounds passes : int 2 100 ; ?learning_rate lr step_size : num 0 1
> Train {model} on the {dataset} data[ for {epochs} epochs]. | Let {model} learn from the {dataset} set[, learning rate {learning_rate}]. | {model} / {dataset}[, {epochs} epochs][, lr {learning_rate}], start! | I wonder what {model} makes of our {dataset} data, give it[ {epochs} rounds of] training.
= run_id id ; status enum running/waiting
stop kill abort / training_run learning_job : Stop a training run | Abort a run that goes wrong
run_id run id : id ; ?keep_checkpoint save : bool and keep the weights/and throw the weights away
> The loss of {run_id} is NaN, stop it[ {keep_checkpoint}]. | Abort {run_id}[ {keep_checkpoint}]. | {run_id} will never get any better, end it[ {keep_checkpoint}]. | Kill run {run_id}
= status enum stopped/finished ; step int 5 90000
show get plot / training_loss learning_curve : Show the loss of a training run | Get how well a run learns
run_id run id : id ; ?metric curve : enum loss/accuracy/speed/memory
> Is {run_id} learning anything?[ Look at the {metric}.] | Show the curve of {run_id}[, {metric}]. | How far is {run_id}[ in {metric}]? | {metric} of run {run_id} please
= latest num 0 9 ; step int 5 90000
evaluate score test_out / trained_model checkpoint : Evaluate a trained model | Test a checkpoint on a benchmark
checkpoint weights path : file ; benchmark suite on : noun ; ?examples sample_size : int 50 9000
> How good is {checkpoint} on the {benchmark} benchmark?[ Use {examples} examples.] | Evaluate {checkpoint} on {benchmark}[, {examples} samples]. | Give {checkpoint} the {benchmark} exam[ with {examples} questions]. | {benchmark} score for {checkpoint} please
= score num 0 99 ; better enum yes/no
# cloud_machines
rent create order / virtual_machine vm : Rent a virtual machine in a region | Create a VM of a size
name vm_name hostname : pseudo ; size machine_type flavor : enum tiny/small/medium/large/gpu ; ?region data_center : enum europe/asia/us east/us west ; ?disk_gb storage : int 10 2000
> One more {size} machine called {name}[ in {region}]. | I need a VM for tests, {size}, name it {name}[, {disk_gb} GB of disk]. | Rent {name}, size {size}[, {region}][, disk {disk_gb} GB]. | {name} ({size}) in the cloud please[, region {region}]
= ip id ; hourly num 0 9
destroy give_up delete / virtual_machine vm : Destroy a virtual machine for good | Give a VM back to the cloud
name vm_name hostname : pseudo ; ?keep_disk save_data : bool but keep its disk/and its disk too
> Nobody uses {name}, give it back[, {keep_disk}]. | Destroy {name}[ {keep_disk}]. | {name} only costs money, away with it[ {keep_disk}]. | We are done with the VM {name}
= status enum destroyed/protected ; saved_monthly num 2 900
resize grow upgrade / virtual_machine vm : Change the size of a virtual machine | Give a VM more or less power
name vm_name hostname : pseudo ; size machine_type new_flavor : enum tiny/small/medium/large/gpu
> {name} is slow again, make it {size}. | {size} is enough for {name}. | Turn {name} into a {size} machine. | {name} from now on as {size}, please
= status enum resized/restart needed ; hourly num 0 9
show get sum_up / hosting_costs hosting_spending : Show what the cloud costs in a month | Get the spending of a team in the cloud
month in_month : enum January/March/May/July/October/December ; ?team group project : noun
> What did the cloud cost us in {month}?[ Only the {team} team.] | Cloud spending {month}[, {team} project] | Why was {month} so expensive in the cloud?[ Look at the {team} team.] | How much went into machines in {month}[ for the {team} team]?
= total num 20 9000 ; most word
# db_admin
create add build / db_index table_index : Create an index on a table | Speed up queries with an index
table on_table relation : pseudo ; field indexed_field by : enum name/email/created_at/price/owner_id ; ?unique no_duplicates : bool unique/with duplicates allowed
> Queries on {table} by {field} are slow. | Index {table} by {field}[, {unique}]. | Put an index on {field} in {table}[, {unique}]. | Looking up {field} in {table} takes forever, do something about it. | {table} needs an index for {field}
= index_name id ; seconds num 0 90
drop delete / db_table whole_table : Drop a table with all its data | Delete a table for good
table name relation : pseudo ; ?cascade dependents : bool with everything that depends on it/only if nothing depends on it
> We don't need {table} in the database now. | Drop {table}[ {cascade}]. | The table {table} is from 2009, delete it[, {cascade}]. | Get rid of table {table}[ {cascade}]
= status enum dropped/refused ; freed_mb int 1 9000
migrate run apply / schema_migration db_migration : Apply a schema migration | Bring the database to a version
migration version number : id ; ?dry_run only_try : bool only as a trial/for real
> Run the migration {migration}[ {dry_run}]. | Bring our database to {migration}[, {dry_run}]. | The new code expects schema {migration}. | Migrate to {migration}[ {dry_run}]
= status enum applied/failed ; statements int 1 60
show find list / slow_queries long_queries : Show the slowest queries | Find queries that take long
> The database is slow. Which queries are to blame? | Show the slow queries. | What takes so long in the database? | Long running queries please
= count int 0 60 ; slowest_seconds num 1 90
# measuring_probes
add install register / probe measuring_probe : Register a probe at a place | Install a new measuring device
probe probe_id serial : id ; quantity measures what : enum pressure/humidity/noise/vibration/dust ; place location at : noun ; ?interval every seconds : int 5 900
> Probe {probe} measures {quantity} in the {place}[, every {interval} seconds]. | We have mounted {probe} for {quantity} at the {place}. | Register {probe}, {quantity}, location: {place}[, interval {interval} s] | The {place} has got a new probe, {probe}, it takes {quantity}[ every {interval} seconds].
= status enum online/no signal ; first_value num 0 99
calibrate adjust correct / probe measuring_probe : Calibrate a probe with a known value | Correct a measuring device
probe probe_id serial : id ; true_value reference known : num 0 99
> {probe} is off, the true value is {true_value}. | Calibrate {probe} to {true_value}. | The reference says {true_value}, correct {probe}. | {probe} should show {true_value}, but does not.
= offset num 0 9 ; status enum calibrated/failed
set change / probe_interval sampling_rate : Set how often a probe measures | Change the interval of a measuring device
probe probe_id serial : id ; seconds every interval : int 5 900
> {probe} should measure every {seconds} seconds. | Ask {probe} for a value each {seconds} seconds. | The battery of {probe} drains too fast, {seconds} seconds between values will do. | Interval {seconds} s for {probe}
= status enum set/ok ; battery int 1 100
list show find / silent_probes dead_probes : List probes that send nothing | Find measuring devices without a signal
hours silent_for since_hours : int 2 72
> Which probes have been silent for {hours} hours? | Any dead probes? I mean quiet for {hours} hours. | Show probes without data in the last {hours} hours. | Who has not sent a value in {hours} hours?
= count int 0 40 ; oldest id
# manuscripts
share lend_out open_up / manuscript shared_text : Share a text with a person | Let somebody read or change a text
text_name manuscript name : title ; person with_person reader : email ; ?access may right : enum read/comment/edit
> Let {person} see {text_name}[ with the right to {access}]. | {person} should have a look at {text_name}[, may {access}]. | Share "{text_name}" with {person}[ ({access})]. | I want {person} to get {text_name}.
= link url ; status enum shared/already shared
compare diff / manuscript_versions text_revisions : Compare two versions of a text | Show what changed between revisions
text_name manuscript name : title ; older from_version first : int 1 20 ; newer to_version second : int 21 60
> What has changed in {text_name} from version {older} to {newer}? | Compare version {older} and {newer} of {text_name}. | {text_name}, {older} against {newer} | Which edits came into {text_name} after {older} and up to {newer}?
= changes int 0 300 ; editors int 1 9
replace swap / word_in_text expression : Replace a word in a whole text | Swap one word for another
text_name manuscript name : title ; old_word search find : noun ; new_word replacement by : pseudo ; ?whole_words_only exact : bool whole words only/parts of words too
> Write {new_word} instead of {old_word} all over {text_name}[, {whole_words_only}]. | Every "{old_word}" in {text_name} becomes "{new_word}"[ ({whole_words_only})]. | We renamed {old_word}, in {text_name} it must say {new_word}. | Replace {old_word} by {new_word} in {text_name}[, {whole_words_only}].
= replaced int 0 90 ; status enum done/no match
add write leave / margin_comment remark : Leave a comment in the margin of a text | Add a remark on a page
text_name manuscript name : title ; sheet_number page_number at_page : int 1 200 ; comment remark_text content : message
> On page {sheet_number} of {text_name} please note "{comment}". | "{comment}" - put that in the margin of {text_name}, page {sheet_number}. | Comment in {text_name}, p. {sheet_number}: {comment} | Leave the remark "{comment}" on page {sheet_number} in {text_name}.
= comment_id id ; open_comments int 1 60
# login_accounts
lock suspend block / login_account member_login : Lock the login of a member | Suspend somebody's access
login username member : pseudo ; ?reason why : enum too many attempts/left the firm/stolen laptop/on leave ; ?until end : date
> {login} may not sign in any more[, {reason}]. | Lock the login {login}[ until {until}]. | Somebody else is using {login}, keep them out! | Suspend {login}[, reason: {reason}].
= status enum locked/ok ; sessions int 0 9
unlock reactivate reopen / login_account member_login : Unlock the login of a member | Let a locked member in again
login username member : pseudo
> {login} can't get in after three wrong tries, help please. | Unlock {login}. | {login} may sign in again. | Let {login} back in
= status enum unlocked/ok ; last_seen date
reset renew / login_password sign_in_secret : Reset the password of a member | Send somebody a new password
login username member : pseudo ; ?send_to deliver_to mail : email
> {login} has forgotten the password[, write to {send_to}]. | New password for {login}[, send it to {send_to}]. | Reset {login}[ and mail {send_to}]. | {login} does not remember how to sign in.
= status enum reset/failed ; valid_hours int 1 72
show get list / sign_in_history login_history : Show when a member signed in | List the sign-ins of a login
login username member : pseudo ; ?since from : date ; ?failed only_failed : bool failed ones only/all of them
> When did {login} last sign in? | Show the sign-ins of {login}[ since {since}][, {failed}]. | Has anybody tried to break into {login}[ since {since}]? | History of {login}[ from {since} on][, {failed}]
= count int 0 90 ; last_city city
# cron
schedule plan add / cron_job recurring_command : Run a command again and again at a time | Plan a recurring job
command script_path run_what : file ; at time hour : time ; rhythm repeat how_often : enum daily/weekly/monthly/hourly
> Run {command} {rhythm} at {at}. | {command} should start by itself, {rhythm}, {at}. | I'm tired of starting {command} by hand, do it {rhythm} at {at}. | Cron: {command}, {at}, {rhythm}
= job_id id ; next_run date
pause suspend disable / cron_job recurring_command : Pause a recurring job | Suspend a scheduled command
job_id job id : id ; ?until resume : date
> {job_id} should not run for now[, only after {until}]. | Pause {job_id}[ until {until}]. | Skip {job_id} while we move[, till {until}]. | No {job_id} before further notice
= status enum paused/ok ; skipped int 1 30
run_once trigger start_now / cron_job recurring_command : Run a scheduled job at once | Trigger a recurring job out of turn
job_id job id : id
> Don't wait for tonight, run {job_id} right now. | Trigger {job_id}. | {job_id} was skipped, do it once by hand. | Start {job_id} out of turn please
= exit int 0 2 ; seconds num 0 900
list show / cron_jobs job_schedule : List the recurring jobs | Show what runs by itself and when
> What runs at night on its own? | Show all cron jobs. | Which jobs are scheduled? | crontab please
= count int 0 40 ; next time
# certificates
issue request order / tls_certificate site_certificate : Request a certificate for a site | Order a TLS certificate
site domain_name for_host : url ; ?years validity : int 2 5 ; ?wildcard subdomains : bool with all subdomains/without subdomains
> {site} needs https[, {wildcard}]. | Order a certificate for {site}[ for {years} years]. | Browsers call {site} unsafe, get it a certificate. | TLS for {site}[, {years} years][, {wildcard}]
= serial id ; expires date
check inspect show / tls_certificate certificate_expiry : Check when a certificate runs out | Inspect the certificate of a site
site domain_name host : url
> How long is the certificate of {site} still good? | Is the padlock of {site} fine? | Will the https of {site} run out soon? | Inspect the TLS of {site}
= days_left int 0 400 ; issuer company
revoke withdraw / tls_certificate site_certificate : Revoke a certificate | Declare a certificate invalid
serial certificate_number id : id ; cause reason why : enum stolen key/site closed/wrong name/replaced
> {serial} must not be trusted any more, {cause}. | Revoke certificate {serial} ({cause}). | Withdraw {serial}, the cause is {cause}. | Certificate {serial}: {cause}, make it invalid
= status enum revoked/unknown ; at time
# utility_meters
read fetch get / power_meter meter_reading : Read the meter of a household | Get the reading of a power meter
meter meter_number number : id ; ?date day on : date
> What does meter {meter} say[ for {date}]? | Read {meter}[ as of {date}]. | The reading of {meter}[ on {date}] please | How far has {meter} turned?
= kwh num 20 9000 ; status enum ok/estimated
submit enter report / meter_reading counter_value : Submit the reading of a meter | Report what a meter shows
meter meter_number number : id ; reading value kwh : num 20 9000 ; ?name customer_name reported_by : person
> My meter {meter} shows {reading}[, my name is {name}]. | {reading} is on the counter {meter} today. | {name} reports {reading} for meter {meter}. | Enter {reading} for {meter}[, reported by {name}].
= status enum accepted/implausible ; used num 1 900
switch_off disconnect cut / household_supply power_supply : Cut the power of a household | Switch the supply at an address off
address place home : address ; cause reason why : enum repair/fire/moved out/flood
> No more power for {address}, {cause}! | Cut the power at {address} ({cause}). | {cause} at {address}, disconnect it from the grid. | Please switch {address} off, the reason is {cause}.
= status enum off/refused ; at time
report log / power_outage blackout : Report a blackout | Log that there is no power somewhere
place town city : city ; ?houses homes affected : int 2 900 ; ?since from start : time
> It is dark everywhere in {place}[, since {since}]. | Blackout in {place}[, {houses} houses]. | {place} has no power[ since {since}][, about {houses} homes]. | The lights went out in {place}[ at {since}].
= outage_id id ; back_at time
"""
